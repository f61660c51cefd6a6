import { expect, fixture } from '@open-wc/testing';
import { executeServerCommand, sendMouse } from '@web/test-runner-commands';
import type { DiffusionMask } from 'diffusion-elements';
import { greys } from './pictures.js';

/** A bright frame on black, as the URL of a PNG of this size. */
export function frame(size: number): string {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = size;
  const context = canvas.getContext('2d')!;
  context.fillRect(0, 0, size, size);
  context.fillStyle = '#c0c0c0';
  context.fillRect(size * 0.2, size * 0.2, size * 0.6, size * 0.6);
  return canvas.toDataURL();
}

export async function mount<T extends HTMLElement>(markup: string): Promise<T> {
  const template = document.createElement('template');
  template.innerHTML = markup;
  return fixture<T>(template.content.firstElementChild as T);
}

export async function until(condition: () => unknown): Promise<void> {
  for (let i = 0; i < 100 && !condition(); i++) await new Promise((done) => setTimeout(done, 50));
  expect(condition()).to.be.ok;
}

/** A real drag of the mouse between two points, in shares of the element's stage. */
export async function drag(
  stage: Element,
  from: [number, number],
  to: [number, number],
): Promise<void> {
  stage.scrollIntoView({ block: 'center' });
  const box = stage.getBoundingClientRect();
  const place = ([x, y]: [number, number]): [number, number] => [
    Math.round(box.left + x * box.width),
    Math.round(box.top + y * box.height),
  ];
  await sendMouse({ type: 'move', position: place(from) });
  await sendMouse({ type: 'down' });
  await sendMouse({ type: 'move', position: place(to) });
  await sendMouse({ type: 'up' });
}

/** Real fingers on the page: `touchStart`, `touchMove` and `touchEnd`, in pixels of the window. */
export const touch = (type: string, ...points: [number, number][]) =>
  executeServerCommand('touch', { type, points });

/** A finger drawn over an element, between two points in shares of its box. */
export async function swipe(
  target: Element,
  from: [number, number],
  to: [number, number],
): Promise<void> {
  target.scrollIntoView({ block: 'center' });
  const { left, top, width, height } = target.getBoundingClientRect();
  const at = (share: number): [number, number] => [
    left + (from[0] + share * (to[0] - from[0])) * width,
    top + (from[1] + share * (to[1] - from[1])) * height,
  ];
  await touch('touchStart', at(0));
  for (const share of [0.2, 0.4, 0.6, 0.8, 1]) await touch('touchMove', at(share));
  await touch('touchEnd');
}

export const stageOf = (mask: DiffusionMask) =>
  mask.shadowRoot!.querySelector('.stage') as HTMLElement;
export const painted = (mask: DiffusionMask) =>
  greys([mask.picture]).filter((grey) => grey > 0).length;

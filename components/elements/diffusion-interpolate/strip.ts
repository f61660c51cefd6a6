import { html, nothing, type TemplateResult } from 'lit';
import type { FramesController } from '../../controllers/frames.js';
import type { LanguageController } from '../../controllers/language.js';
import { slider } from '../base/slider.js';

export interface Strip {
  readonly frames: FramesController;
  readonly language: LanguageController;
  readonly onChoose: (frame: number) => void;
  readonly onChange: () => void;
}

/** All frames, with a frame around the one that is looked at; a pointer chooses another. */
export function strip({ frames, onChoose, onChange }: Strip): TemplateResult {
  const { columns, rows, chosen, isEmpty } = frames;
  const [column, row] = [chosen % columns, Math.floor(chosen / columns)];
  const cell =
    `width: ${100 / columns}%; height: ${100 / rows}%; ` +
    `left: ${(100 * column) / columns}%; top: ${(100 * row) / rows}%`;
  const choose = (event: PointerEvent) => {
    if (event.type === 'pointermove' && event.buttons === 0) return;
    const target = event.currentTarget as HTMLElement;
    if (event.type === 'pointerdown' && event.isTrusted) target.setPointerCapture(event.pointerId);
    const { left, top, width, height } = target.getBoundingClientRect();
    onChoose(frames.indexAt((event.clientX - left) / width, (event.clientY - top) / height));
  };
  return html`
    <div
      class="strip ${rows > 1 ? 'map' : ''}"
      part="strip"
      .style=${`--columns: ${columns}; --rows: ${rows}`}
      @pointerdown=${choose}
      @pointermove=${choose}
      @pointerup=${onChange}
      @pointercancel=${onChange}
    >
      ${frames.strip.canvas} ${isEmpty ? nothing : html`<div class="cell" .style=${cell}></div>`}
    </div>
  `;
}

/** A map by keys: a slider in each direction. */
export function mapSliders({ frames, language, onChoose, onChange }: Strip): TemplateResult {
  const { chosen, columns, rows, isEmpty } = frames;
  const [across, down] = [chosen % columns, Math.floor(chosen / columns)];
  const direction = (
    name: 'across' | 'down',
    value: number,
    count: number,
    frameOf: (value: number) => number,
  ) => html`
    <label>
      <bdi>${language.text(name)}</bdi>
      ${slider({
        value,
        last: count - 1,
        disabled: isEmpty,
        onInput: (place) => onChoose(frameOf(place)),
        onChange,
      })}
    </label>
  `;
  return html`
    <div class="player" part="controls">
      ${direction('across', across, columns, (value) => down * columns + value)}
      ${direction('down', down, rows, (value) => value * columns + across)}
    </div>
  `;
}

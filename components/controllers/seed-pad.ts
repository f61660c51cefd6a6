import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { parsePlace, placeText, randomSeed, type Seed } from '../pictures/seeds.js';

export interface SeedPadParts {
  /** The seed that the host has, or has drawn with. */
  seed(): Seed | undefined;
  /** The place has moved; `isLast` when the hand lets go. */
  onSeed(seed: string, isLast: boolean): void;
}

/** What an arrow key moves, and with Shift. */
const STEP = 0.02;
const LEAP = 0.1;

const arrows: Readonly<Record<string, readonly [x: number, y: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

const clip = (value: number) => Math.min(1, Math.max(0, Math.round(value * 1000) / 1000));

/** A place among four seeds, moved by pointer, touch and keys. Its state is the host's seed: `1,2,3,4@0.25,0.75`. */
export class SeedPadController implements ReactiveController {
  /** The ends of a host whose seed is another one each time. */
  #random: bigint | undefined;
  /** The pointer that holds the knob. */
  #held: number | undefined;

  constructor(
    readonly host: ReactiveControllerHost,
    readonly parts: SeedPadParts,
  ) {
    host.addController(this);
  }

  hostConnected(): void {}

  /** Across and down, 0 to 1. */
  get place(): readonly [x: number, y: number] {
    const { place = 0 } = this.#placed ?? {};
    return typeof place === 'object' ? place : [place, 0];
  }

  /** The seeds at the corners: of one or two seeds, those and the ones after the last. */
  get ends(): readonly (number | bigint)[] {
    const given = this.#placed?.ends ?? [this.#firstSeed()];
    const last = BigInt(given.at(-1)!);
    const more = [1n, 2n, 3n].map((offset) => BigInt.asUintN(64, last + offset));
    return [...given, ...more].slice(0, 4);
  }

  readonly onPointerDown = (event: PointerEvent): void => {
    if (event.button !== 0 || this.#held !== undefined) return;
    const target = event.currentTarget as HTMLElement;
    if (event.isTrusted) target.setPointerCapture(event.pointerId);
    target.focus({ preventScroll: true });
    event.preventDefault();
    this.#held = event.pointerId;
    this.#follow(event, false);
  };

  readonly onPointerMove = (event: PointerEvent): void => {
    if (event.pointerId === this.#held) this.#follow(event, false);
  };

  readonly onPointerUp = (event: PointerEvent): void => {
    if (event.pointerId !== this.#held) return;
    this.#held = undefined;
    if (event.type === 'pointerup') this.#follow(event, true);
    else this.#move(...this.place, true);
  };

  readonly onKeyDown = (event: KeyboardEvent): void => {
    const [x, y] = this.place;
    const arrow = arrows[event.key];
    const step = event.shiftKey ? LEAP : STEP;
    if (arrow) this.#move(x + step * arrow[0], y + step * arrow[1], true);
    else if (event.key === 'Home') this.#move(0, 0, true);
    else if (event.key === 'End') this.#move(1, 1, true);
    else return;
    event.preventDefault();
  };

  get #placed(): ReturnType<typeof parsePlace> {
    return parsePlace(String(this.parts.seed() ?? ''));
  }

  #firstSeed(): bigint {
    const seed = String(this.parts.seed() ?? '');
    if (/^\d{1,20}$/.test(seed)) return BigInt.asUintN(64, BigInt(seed));
    this.#random ??= BigInt(randomSeed());
    return this.#random;
  }

  #follow({ clientX, clientY, currentTarget }: PointerEvent, isLast: boolean): void {
    const box = (currentTarget as HTMLElement).getBoundingClientRect();
    const across = (clientX - box.left) / box.width;
    this.#move(across, (clientY - box.top) / box.height, isLast);
  }

  #move(x: number, y: number, isLast: boolean): void {
    this.parts.onSeed(placeText(this.ends, [clip(x), clip(y)]), isLast);
  }
}

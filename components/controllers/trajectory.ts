import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { invalidOption } from '../errors.js';
import type { Picture } from '../pictures/picture.js';
import type { PreviewKind, StepReport } from '../worker/protocol.js';
import { CanvasController } from './canvas.js';

const kinds: readonly PreviewKind[] = ['sample', 'x0', 'noise'];
/** Frames that a filmstrip shows at most; of more steps it shows some. */
const MOST_FRAMES = 10;
/** Bytes of pictures to keep; of longer runs every other step is forgotten. */
const MOST_BYTES = 64e6;

/** Which pictures a `trajectory` attribute asks for: none without one, the noisy ones by default. */
export function readKinds(trajectory: string | boolean | null): readonly PreviewKind[] {
  const names = (typeof trajectory === 'string' ? trajectory : '').split(/[\s,]+/).filter(Boolean);
  const unknown = names.find((name) => !(kinds as readonly string[]).includes(name));
  if (unknown !== undefined) {
    throw invalidOption('trajectory', unknown, `one or several of ${kinds.join(', ')}`);
  }
  return names.length > 0 ? (names as PreviewKind[]) : ['sample'];
}

/** The steps of a run as they were: filmstrips of its first picture, and each step to look at again. */
export class TrajectoryController implements ReactiveController {
  readonly #strips = new Map<PreviewKind, CanvasController>();
  #frames: StepReport[] = [];
  #bytes = 0;
  #wanted = 0;
  #shown: number | undefined;

  constructor(readonly host: ReactiveControllerHost) {
    host.addController(this);
  }

  hostConnected(): void {}

  /** The kept steps, in their order. */
  get frames(): readonly StepReport[] {
    return this.#frames;
  }

  /** The kept step that is looked at again; undefined where the newest is shown. */
  get shown(): number | undefined {
    return this.#shown;
  }

  /** Frames in a filmstrip of a run with so many steps. */
  framesFor(steps: number | undefined): number {
    return this.#wanted || Math.min(MOST_FRAMES, Math.max(1, Number(steps) || MOST_FRAMES));
  }

  strip(kind: PreviewKind): HTMLCanvasElement {
    return this.#controller(kind).canvas;
  }

  /** A run of so many steps begins. */
  begin(steps: number | undefined): void {
    this.#wanted = 0;
    this.#wanted = this.framesFor(steps);
    this.#frames = [];
    this.#bytes = 0;
    this.#shown = undefined;
    for (const strip of this.#strips.values()) strip.clear();
  }

  add(report: StepReport): void {
    const { step, steps, previews } = report;
    const frames = Math.min(this.#wanted, steps);
    const isDue = Math.floor((step * frames) / steps) > Math.floor(((step - 1) * frames) / steps);
    for (const [kind, pictures] of Object.entries(previews)) {
      const [first] = pictures;
      if (isDue && first) this.#controller(kind as PreviewKind).append(first, frames);
      this.#bytes += pictures.reduce((sum, { data }) => sum + data.length, 0);
    }
    this.#frames.push(report);
    this.#shown = undefined;
    if (this.#bytes > MOST_BYTES) this.#thin();
  }

  /** Looks at a kept step; its pictures of this kind, the first one given where the step has no such. */
  look(index: number, kind: PreviewKind): readonly Picture[] {
    this.#shown = Math.min(index, this.#frames.length - 1);
    this.host.requestUpdate();
    return this.pictures(this.#shown, kind);
  }

  pictures(index: number, kind: PreviewKind): readonly Picture[] {
    const { previews = {} } = this.#frames[index] ?? {};
    return previews[kind] ?? Object.values(previews)[0] ?? [];
  }

  /** The newest step is shown again. */
  leave(): void {
    this.#shown = undefined;
  }

  #controller(kind: PreviewKind): CanvasController {
    let strip = this.#strips.get(kind);
    if (!strip) this.#strips.set(kind, (strip = new CanvasController(this.host)));
    return strip;
  }

  #thin(): void {
    this.#frames = this.#frames.filter((_, index) => index % 2 === 1);
    this.#bytes /= 2;
  }
}

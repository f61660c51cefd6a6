import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { GenerateRequest, RunResult } from '../worker/protocol.js';

/** What draws a picture again: a run's options as plain values, with the model's defaults filled in. */
export interface PictureSettings {
  /** A bundled model's name, or the address of a model's folder. */
  readonly model: string;
  readonly prompt?: string;
  readonly negativePrompt?: string;
  readonly label?: string | number;
  /** As text where it is above 2^53. */
  readonly seed: number | string;
  readonly steps: number;
  readonly scheduler: string;
  readonly guidanceScale: number;
  readonly eta?: number;
  readonly count?: number;
  readonly width?: number;
  readonly height?: number;
}

/** What may be asked for beside model and seed, by the type of its value. */
export const settingKinds: Readonly<Partial<Record<keyof PictureSettings, string>>> = {
  ...{ prompt: 'string', negativePrompt: 'string', label: 'string', scheduler: 'string' },
  ...{ steps: 'number', guidanceScale: 'number', eta: 'number', count: 'number' },
  ...{ width: 'number', height: 'number' },
};

/** Remembers what drew the last pictures, and writes it into their files. */
export class PictureSettingsController implements ReactiveController {
  #settings: PictureSettings | undefined;
  #running: GenerateRequest | undefined;

  constructor(host: ReactiveControllerHost) {
    host.addController(this);
  }

  hostConnected(): void {}

  /** Of the last finished run. */
  get settings(): PictureSettings | undefined {
    return this.#settings;
  }

  /** A run begins. */
  begin(request: GenerateRequest): void {
    this.#running = request;
  }

  /** It is done. */
  finish({ seed, resolved }: RunResult): void {
    if (!this.#running) return;
    const { model, options } = this.#running;
    const [first = 0] = [seed].flat() as (number | bigint)[];
    const given = { ...options, ...resolved };
    this.#settings = {
      model,
      ...Object.fromEntries(
        Object.entries(settingKinds).flatMap(([name, kind]) => {
          const value = given[name as keyof typeof given];
          return typeof value === kind ? [[name, value]] : [];
        }),
      ),
      seed:
        typeof first === 'bigint' && first > Number.MAX_SAFE_INTEGER
          ? String(first)
          : Number(first),
    } as PictureSettings;
  }

  /** A PNG file with the settings in it; other files as they are. */
  async sign(file: Blob): Promise<Blob> {
    const settings = this.#settings;
    if (!settings || file.type !== 'image/png') return file;
    try {
      const { signed } = await import('./settings-file.js');
      return await signed(file, settings);
    } catch {
      return file; // The script is not to be had now; the picture is.
    }
  }
}

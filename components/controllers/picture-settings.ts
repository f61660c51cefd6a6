import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { Seed } from '../pictures/seeds.js';
import { settingKinds, type PictureSettings } from '../pictures/picture-settings.js';
import type { GenerateRequest, RunResult } from '../worker/protocol.js';

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
    this.#settings = undefined;
    // What lies between two pictures is none of either's settings.
    if (!this.#running || this.#running.options.interpolation) return;
    const { model, options } = this.#running;
    const [first = 0] = [seed].flat() as Seed[];
    const given = {
      ...options,
      ...resolved,
      fromImage: options.image ? true : undefined,
    };
    this.#settings = {
      model,
      ...Object.fromEntries(
        Object.entries(settingKinds).flatMap(([name, kind]) => {
          const value = given[name as keyof typeof given];
          return typeof value === kind ? [[name, value]] : [];
        }),
      ),
      seed:
        typeof first === 'string' || first > Number.MAX_SAFE_INTEGER
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

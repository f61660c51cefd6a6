import { ArenaTensor } from '../kernels/arena.js';
import { kernels } from '../kernels/kernels.js';
import { TorchGenerator } from '../schedulers/generator.js';
import type { Level } from '../schedulers/scheduler.js';
import type { Picture } from './picture.js';

/**
 * The forward process of one picture in closed form: x_t = sqrt(alpha bar) x_0 + sqrt(1 - alpha bar) epsilon (DDPM, eq. 4),
 * with the same noise at every level. A grey picture has grey noise.
 */
export class ForwardProcess {
  readonly #original: ArenaTensor;
  readonly #noise: ArenaTensor;
  readonly #noised: ArenaTensor;
  readonly #rgba: ArenaTensor;

  constructor(
    readonly picture: Picture,
    seed: number | bigint,
  ) {
    const { data, width, height } = picture;
    const channels = isGrey(picture) ? 1 : 3;
    const dims = [1, channels, height, width];
    this.#original = new ArenaTensor(dims);
    this.#noise = new ArenaTensor(dims);
    this.#noised = new ArenaTensor(dims);
    this.#rgba = new ArenaTensor([height, width]);
    const area = width * height;
    this.#rgba.bytes.set(data);
    kernels().fromRgba(this.#original.pointer, this.#rgba.pointer, area, channels);
    const generator = new TorchGenerator(seed);
    generator.fill(this.#noise);
    generator.release();
  }

  /** The picture at this level of noise; its bytes are valid until the next call. */
  at({ alpha, sigma }: Level): Picture {
    const { width, height } = this.picture;
    const { pointer, length, dims } = this.#noised;
    const k = kernels();
    k.combine2(pointer, this.#original.pointer, alpha, this.#noise.pointer, sigma, length);
    k.toRgba(this.#rgba.pointer, pointer, width * height, dims[1]!);
    return { data: this.#rgba.bytes as Picture['data'], width, height };
  }

  release(): void {
    for (const tensor of [this.#original, this.#noise, this.#noised, this.#rgba]) tensor.release();
  }
}

function isGrey({ data }: Picture): boolean {
  for (let i = 0; i < data.length; i += 4) {
    if (data[i] !== data[i + 1] || data[i] !== data[i + 2]) return false;
  }
  return true;
}

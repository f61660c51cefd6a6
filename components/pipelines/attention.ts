import { ArenaTensor } from '../kernels/arena.js';
import { kernels } from '../kernels/kernels.js';
import type { PromptWord } from './prompt-words.js';

/** What a word of a prompt drew. */
export interface WordAttention {
  readonly word: string;
  /** [height, width], row by row, 0 to 1: the share of each place's attention that went to the word. */
  readonly map: Float32Array;
}

/** What the words of a picture's prompt drew, at the resolution of its latents. */
export interface PromptAttention {
  readonly words: readonly WordAttention[];
  readonly width: number;
  readonly height: number;
}

/**
 * The cross-attention from each place of the pictures to each token, as the mean over the runs of the denoiser: "What the DAAM"
 * (Tang et al. 2022), section 3.
 */
export class AttentionMaps {
  #sum: ArenaTensor | undefined;
  #runs = 0;

  /** @param words of each picture's prompt */
  constructor(readonly words: readonly (readonly PromptWord[])[]) {}

  /** Adds a run's maps, [rows, tokens, height, width], of which the last rows are those of the pictures. */
  add(maps: ArenaTensor): void {
    const [rows = 1, ...rest] = maps.dims;
    const sum = (this.#sum ??= new ArenaTensor([this.words.length, ...rest]));
    const from = maps.pointer + 4 * (rows - this.words.length) * (maps.length / rows);
    const { pointer, length } = sum;
    if (this.#runs === 0) kernels().combine2(pointer, from, 1, from, 0, length);
    else kernels().combine2(pointer, pointer, 1, from, 1, length);
    this.#runs++;
  }

  /** The mean so far; of each picture. */
  read(): PromptAttention[] {
    const sum = this.#sum;
    if (!sum) return [];
    const [, tokens = 1, height = 1, width = 1] = sum.dims;
    const area = height * width;
    return this.words.map((words, item) => ({
      width,
      height,
      words: words.map(({ text, first, end }) => {
        const map = new Float32Array(area);
        for (let token = first; token < end; token++) {
          const start = (item * tokens + token) * area;
          for (let i = 0; i < area; i++) map[i]! += sum.data[start + i]! / this.#runs;
        }
        return { word: text, map };
      }),
    }));
  }

  release(): void {
    this.#sum?.release();
  }
}

export interface LoadProgress {
  /** Bytes received of all that is fetched before the first picture, and in all. */
  readonly loaded: number;
  readonly total: number;
  /** The file that these bytes are of: its path in the model's folder, or in the package's. */
  readonly file: string;
}

/** Adds up the bytes of files that are fetched side by side. */
export class Progress {
  readonly #files = new Map<string, { loaded: number; total: number }>();

  constructor(readonly report?: (progress: LoadProgress) => void) {}

  /** A file that will come, with its size where it is known; returns what to call with its bytes. */
  add(file: string, size: number): (loaded: number, total: number) => void {
    // The runtime is one for several networks.
    const state = this.#files.get(file) ?? { loaded: 0, total: size };
    this.#files.set(file, state);
    return (loaded, total) => {
      state.loaded = loaded;
      state.total = Math.max(total, loaded);
      const files = [...this.#files.values()];
      const sum = (key: 'loaded' | 'total') => files.reduce((all, each) => all + each[key], 0);
      this.report?.({ loaded: sum('loaded'), total: sum('total'), file });
    };
  }
}

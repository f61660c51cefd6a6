export type OnBytes = (loaded: number, total: number) => void;

/** Something that is loaded once for all callers; a load that failed is tried again next time. */
export class SharedLoad<T> {
  #current: Promise<T> | undefined;
  #listeners = new Set<OnBytes>();

  constructor(readonly load: (onBytes: OnBytes) => Promise<T>) {}

  /** @param onBytes called with the bytes that have come and their total, whoever began */
  async get(onBytes?: OnBytes): Promise<T> {
    const isJoining = this.#current !== undefined;
    this.#current ??= this.load((...bytes) => this.#listeners.forEach((each) => each(...bytes)));
    const current = this.#current;
    if (onBytes) this.#listeners.add(onBytes);
    try {
      return await current;
    } catch (error) {
      if (this.#current === current) this.forget();
      // Somebody else's load failed; what was wrong may be mended since.
      if (isJoining) return await this.get(onBytes);
      throw error;
    } finally {
      if (onBytes) this.#listeners.delete(onBytes);
    }
  }

  /** The next call loads anew. */
  forget(): void {
    this.#current = undefined;
  }
}

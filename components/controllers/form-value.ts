import type { ReactiveController, ReactiveControllerHost } from 'lit';

/** What a form gets from the host under its `name`: a PNG file, or nothing. */
export class FormValueController implements ReactiveController {
  #latest = 0;

  constructor(
    readonly host: ReactiveControllerHost & HTMLElement & { readonly name: string },
    readonly internals: ElementInternals,
  ) {
    host.addController(this);
  }

  hostConnected(): void {}

  /** The form gets nothing; a file that is still being written is dropped. */
  clear(): void {
    this.#latest++;
    this.internals.setFormValue(null);
  }

  /** The form gets this picture, unless another, or none, comes before it is written. Nothing is written without a name. */
  async set(write: () => Promise<Blob>): Promise<void> {
    const { name } = this.host;
    if (!name) return;
    const turn = ++this.#latest;
    const picture = await write();
    if (turn === this.#latest) this.setNow(picture);
  }

  /** The same, with a picture that is there already. */
  setNow(picture: Blob | null): void {
    const { name } = this.host;
    const isWanted = name !== '' && picture !== null;
    this.internals.setFormValue(
      isWanted ? new File([picture], `${name}.png`, { type: picture.type }) : null,
    );
  }
}

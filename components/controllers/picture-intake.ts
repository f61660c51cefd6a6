import type { ReactiveController, ReactiveControllerHost } from 'lit';

export interface PictureIntakeEvents {
  /** Whether pictures are taken now. */
  allowed(): boolean;
  onFile(file: File): void;
}

function firstPicture(files: Iterable<File> | null | undefined): File | undefined {
  return [...(files ?? [])].find(({ type }) => type.startsWith('image/'));
}

/** The picture that a person chose in a file input, whose event this is; the same can be chosen again. */
export function pickedPicture({ target }: Event): File | undefined {
  const input = target as HTMLInputElement;
  const file = firstPicture(input.files);
  input.value = '';
  return file;
}

/** Takes pictures that a person drops on the host or pastes into it. */
export class PictureIntakeController implements ReactiveController {
  /** A file is held above the host. */
  dropping = false;

  constructor(
    readonly host: ReactiveControllerHost & HTMLElement,
    readonly events: PictureIntakeEvents,
  ) {
    host.addController(this);
  }

  hostConnected(): void {
    this.host.addEventListener('paste', this.#onPaste);
    this.host.addEventListener('dragover', this.#onDragOver);
    this.host.addEventListener('dragleave', this.#onDragLeave);
    this.host.addEventListener('drop', this.#onDrop);
  }

  hostDisconnected(): void {
    this.host.removeEventListener('paste', this.#onPaste);
    this.host.removeEventListener('dragover', this.#onDragOver);
    this.host.removeEventListener('dragleave', this.#onDragLeave);
    this.host.removeEventListener('drop', this.#onDrop);
  }

  readonly #onPaste = (event: ClipboardEvent): void => {
    this.#take(event.clipboardData?.files);
  };

  readonly #onDragOver = (event: DragEvent): void => {
    if (!this.events.allowed() || !event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    this.#hold(true);
  };

  readonly #onDragLeave = (): void => this.#hold(false);

  readonly #onDrop = (event: DragEvent): void => {
    this.#hold(false);
    if (this.#take(event.dataTransfer?.files)) event.preventDefault();
  };

  #hold(dropping: boolean): void {
    if (dropping === this.dropping) return;
    this.dropping = dropping;
    this.host.requestUpdate();
  }

  /** Hands over the first picture among the files. */
  #take(files: FileList | null | undefined): boolean {
    const file = firstPicture(files);
    if (!file || !this.events.allowed()) return false;
    this.events.onFile(file);
    return true;
  }
}

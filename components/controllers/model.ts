import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { isAbortError } from '../errors.js';
import type { DiffusionClient } from '../worker/client.js';
import type { ModelDescription, ModelRequest } from '../worker/protocol.js';

/** What the current model says of itself, fetched when asked for; the latest model wins. */
export class ModelController implements ReactiveController {
  #url: string | undefined;
  #controller: AbortController | undefined;
  /** The description of the model last asked for; undefined until it is there. */
  description: ModelDescription | undefined;

  constructor(
    readonly host: ReactiveControllerHost,
    readonly client: DiffusionClient,
    readonly onError: (error: Error) => void,
  ) {
    host.addController(this);
  }

  /** Fetches a model's description; nothing happens if it is there, or on its way. */
  async describe(request: ModelRequest): Promise<void> {
    if (request.model === this.#url) return;
    this.#controller?.abort();
    this.#controller = new AbortController();
    this.#url = request.model;
    this.description = undefined;
    try {
      const { signal } = this.#controller;
      this.description = await this.client.describe(request, { signal });
      this.host.requestUpdate();
    } catch (error) {
      if (isAbortError(error)) return;
      this.#url = undefined;
      this.onError(error as Error);
    }
  }

  hostConnected(): void {}
}

import type { ReactiveController, ReactiveControllerHost } from 'lit';

export interface CameraEvents {
  /** Another frame is there. */
  onFrame(video: HTMLVideoElement): void;
  /** It was refused, or there is none. */
  onRefused(error: Error): void;
}

/** Larger than any bundled model's pictures; a small frame is quick to read. */
const SIDE = 320;

/** The device's camera: asked for only when somebody wants it, and given back when the host leaves the page. */
export class CameraController implements ReactiveController {
  #stream: MediaStream | undefined;
  #request: symbol | undefined;
  #frame = 0;

  constructor(
    readonly host: ReactiveControllerHost & Element,
    readonly events: CameraEvents,
  ) {
    host.addController(this);
  }

  get isOn(): boolean {
    return this.#stream !== undefined;
  }

  async start(): Promise<void> {
    this.stop();
    const request = (this.#request = Symbol());
    try {
      const size = { width: SIDE, height: SIDE };
      const stream = await navigator.mediaDevices.getUserMedia({ video: size });
      if (request !== this.#request || !this.host.isConnected) return end(stream);
      this.#stream = stream;
      // Unplugged, or taken back by the person.
      for (const track of stream.getTracks()) track.onended = () => this.stop();
      const video = document.createElement('video');
      Object.assign(video, { srcObject: stream, muted: true, playsInline: true });
      await video.play();
      this.#follow(video, request);
    } catch (error) {
      if (request !== this.#request) return;
      this.stop();
      this.events.onRefused(error as Error);
    }
    this.host.requestUpdate();
  }

  stop(): void {
    this.#request = undefined;
    cancelAnimationFrame(this.#frame);
    if (this.#stream) end(this.#stream);
    this.#stream = undefined;
    this.host.requestUpdate();
  }

  hostDisconnected(): void {
    this.stop();
  }

  /** With the page's frames, which rest while it is hidden: those of the camera that are new. */
  #follow(video: HTMLVideoElement, request: symbol): void {
    let seen = -1;
    const next = () => {
      if (request !== this.#request) return;
      const { readyState, currentTime } = video;
      if (readyState >= HTMLMediaElement.HAVE_CURRENT_DATA && currentTime !== seen) {
        seen = currentTime;
        this.events.onFrame(video);
      }
      this.#frame = requestAnimationFrame(next);
    };
    next();
  }
}

function end(stream: MediaStream): void {
  stream.getTracks().forEach((track) => track.stop());
}

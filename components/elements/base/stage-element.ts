import { html, nothing, type TemplateResult } from 'lit';
import { state } from 'lit/decorators.js';
import { NoiseController } from '../../controllers/noise.js';
import type { LoadProgress } from '../../runtime/progress.js';
import { DiffusionElement } from './diffusion-element.js';
import { promptField } from './prompt-field.js';
import { icon } from './icons.js';

/** Of models that are made of several, those that are named while they load. */
const parts = ['text_encoder', 'text_encoder_2', 'vae_decoder', 'vae_encoder', 'classifier'];

/** What is loaded within so many ms needs no figures; the first that a page writes cost it a twentieth of a second. */
const SOON = 500;

/** An element whose pictures stand on one stage, with the poster before they are there and the progress over them. */
export abstract class StageElement extends DiffusionElement {
  readonly #noise = new NoiseController(this);
  /** What is to be said beside the notices of the last run. */
  @state() protected note = '';

  /** @param over what lies over the pictures */
  protected stage(over: TemplateResult | typeof nothing = nothing): TemplateResult {
    return html`
      <div class="stage ${this.view.isEmpty ? 'empty' : ''}" @keydown=${this.onKeydown}>
        ${this.#picture()} ${over} ${this.#progressBar()}
      </div>
    `;
  }

  /** Whether the poster has a button that draws. */
  protected get canPlay(): boolean {
    return this.controls;
  }

  /** The sentence that says what went wrong. */
  protected failure(): TemplateResult | typeof nothing {
    const { error } = this;
    return error ? html`<p class="error" part="error">${error.message}</p>` : nothing;
  }

  /** What else is to be said. It stands below the controls, so that none moves away under a hand that types. */
  protected notes(): TemplateResult | typeof nothing {
    if (this.error) return nothing;
    const slow = this.live && this.following.isSlow ? this.language.text('liveSlow') : '';
    const settled = this.sampling.isApparent ? [] : this.notices;
    const notices = [slow, this.note, ...settled].filter(Boolean);
    if (notices.length === 0) return nothing;
    return html`<p class="notice" part="notice"><bdi>${notices.join(' ')}</bdi></p>`;
  }

  protected liveRegion(): TemplateResult {
    return html`<div class="announcer" role="status">${this.announcer.text}</div>`;
  }

  /** Draws, and stops what is being drawn: for elements whose attributes say all the rest. */
  protected drawButton(): TemplateResult {
    const { isApparent: busy } = this.sampling;
    return html`
      <div class="toolbar" part="controls">
        ${promptField(this.promptOptions)}
        <button
          part="button"
          class="primary"
          ?disabled=${this.disabled}
          @click=${busy ? this.abort : this.generateOnClick}
        >
          <bdi>${this.language.text(busy ? 'stop' : 'generate')}</bdi>
        </button>
      </div>
    `;
  }

  protected readonly onKeydown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && this.sampling.busy) {
      event.stopPropagation();
      this.abort();
    }
  };

  #picture(): TemplateResult {
    if (!this.view.isEmpty) {
      const { canvas } = this.view;
      canvas.setAttribute('part', 'canvas');
      canvas.setAttribute('role', 'img');
      canvas.setAttribute('aria-label', this.alt || this.describePictures(this.images.length || 1));
      return html`${canvas}`;
    }
    return html`
      <slot name="poster">${this.poster ? this.#posterImage() : this.#noise.canvas}</slot>
      ${this.canPlay && !this.sampling.busy ? this.#playButton() : nothing}
    `;
  }

  #posterImage(): TemplateResult {
    return html`<img class="poster" part="poster" src=${this.poster} alt=${this.alt} />`;
  }

  /** As on a video: says what a click will do. The toolbar has the same for keys and screen readers. */
  #playButton(): TemplateResult {
    return html`
      <button
        class="primary play"
        part="play"
        tabindex="-1"
        aria-hidden="true"
        ?disabled=${this.disabled}
        @click=${this.generateOnClick}
      >
        ${icon('play')} <bdi>${this.language.text('generate')}</bdi>
      </button>
    `;
  }

  #progressBar(): TemplateResult {
    const { isApparent, progress, report } = this.sampling;
    if (!isApparent) return html`<slot name="progress"></slot>`;
    const [text, value] = report
      ? [
          this.language.text('step', { step: report.step, steps: report.steps }),
          report.step / report.steps,
        ]
      : progress
        ? [this.#loadingText(progress), progress.loaded / progress.total]
        : [this.language.text('starting'), undefined];
    return html`
      <slot name="progress">
        <div class="progress" part="progress">
          <progress aria-label=${text} .value=${value ?? nothing} max="1"></progress>
          <bdi>${text}</bdi>
        </div>
      </slot>
    `;
  }

  #loadingText({ loaded, total, file }: LoadProgress): string {
    if (performance.now() - this.sampling.begun < SOON) return this.language.text('starting');
    const [done, all] = [loaded, total].map((bytes) => this.language.decimal(bytes / 1e6));
    const text = this.language.text('loading', { loaded: done!, total: all! });
    const [part = ''] = file.split('/');
    return parts.includes(part) ? `${text} (${part})` : text;
  }
}

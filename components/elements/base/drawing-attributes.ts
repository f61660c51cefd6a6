import { LitElement, type PropertyValues } from 'lit';
import { property } from 'lit/decorators.js';
import { DEFAULT_MODEL, modelAddress, TEXT_MODEL } from '../../runtime/model-address.js';
import type { Strings } from '../../strings/strings.js';
import type { ModelRequest } from '../../worker/protocol.js';
import type { DiffusionElementEvents } from '../events.js';
import type { Asked } from './usual-model.js';
import { hasChanged, nameAttribute, numeric, seedNumber } from './attributes.js';
import { givenOptions, type ElementOptions } from './element-options.js';
import type { LitElementWith } from './typed-listeners.js';

/** Attributes that, mended, make a failed element try again. */
const decisive = [
  ...['model', 'backend', 'dtype', 'scheduler', 'steps', 'eta', 'seed', 'label', 'guidanceScale'],
  ...['guidanceRescale', 'classifierScale', 'count', 'image', 'strength', 'memory'],
  ...['prompt', 'promptStyle', 'negativePrompt', 'width', 'height', 'quality'],
  ...['attention', 'trajectory'],
];

/** The attributes of every element that draws, and what they ask for: a model, and a run's options. */
export abstract class DrawingAttributes extends (LitElement as LitElementWith<DiffusionElementEvents>) {
  /**
   * A bundled model's name, the URL of a model's folder, or `hf:owner/name` for one on the Hugging Face Hub; by default
   * `fashion-mnist`, or `emoji` where there is a `prompt`, or what is distilled from them where that can do what is asked for.
   */
  @property() model = '';
  /** Shows the controls. */
  @property({ type: Boolean, reflect: true }) controls = false;
  /** Draws as soon as the element is near the viewport. */
  @property({ type: Boolean, reflect: true }) autoplay = false;
  /** Redraws at every change of an attribute, a property or a control. */
  @property({ type: Boolean }) live = false;
  /** A picture to show until the first one is drawn. */
  @property() poster = '';
  /** What to fetch beforehand: `none`, `metadata` (a few hundred bytes, the default) or `auto`. */
  @property() preload = 'metadata';
  /** `lazy` (the default) waits until the element is near the viewport, `eager` does not. */
  @property() loading = 'lazy';
  /** `auto`, `webgpu` or `wasm`. */
  @property() backend = 'auto';
  /** The weights' numeric type; by default the best for the backend. */
  @property() dtype?: string;
  /** The sampler; by default the model's. */
  @property() scheduler?: string;
  /** Inference steps; by default the model's. */
  @numeric() steps?: number;
  /** Share of fresh noise at each step of DDIM, 0 to 1. */
  @numeric() eta?: number;
  /**
   * The seed of the noise; random by default. A place between two seeds, `1,2@0.5`, or among four, `1,2,3,4@0.25,0.75`, is one,
   * too.
   */
  @seedNumber() seed?: number | bigint | string;
  /** The class to draw, by name or number, or a place between two: `sneaker, ankle boot @ 0.3`; any by default. */
  @property() label?: string;
  /** What to draw, in words, with a model that reads text. */
  @property() prompt?: string;
  /** A style to be named at the prompt's end, such as `3d`, `flat` or `cartoon` for the bundled `emoji`. */
  @property({ attribute: 'prompt-style' }) promptStyle = '';
  /** What not to draw: used where there is guidance. */
  @property({ attribute: 'negative-prompt' }) negativePrompt?: string;
  /** Of the pictures in pixels, where the model draws several sizes. */
  @numeric() width?: number;
  @numeric() height?: number;
  /** `low` holds each of a model's networks only while it runs, which spares the memory of phones and costs time. */
  @property() memory?: string;
  /** How strongly to follow the label or prompt: 1 is no guidance. */
  @numeric({ attribute: 'guidance-scale' }) guidanceScale?: number;
  /** The share of the contrast that guidance adds to take back, 0 to 1. */
  @numeric({ attribute: 'guidance-rescale' }) guidanceRescale?: number;
  /** How far a classifier's gradient moves each step towards the label, 0 (the default) to 100. */
  @numeric({ attribute: 'classifier-scale' }) classifierScale?: number;
  /** The name under which a form submits the pictures, as a PNG file. */
  @property({ reflect: true, converter: nameAttribute }) name = '';
  /** A text for those who can't see the pictures. */
  @property() alt = '';
  /** Texts in place of the element's own, by what they are for; the language is that of the page. */
  @property({ attribute: false }) strings?: Partial<Strings>;

  /** The prompt with the style at its end. */
  protected get fullPrompt(): string {
    const [prompt, style] = [this.prompt, this.promptStyle].map((text) =>
      String(text ?? '').trim(),
    );
    return [prompt, style].filter(Boolean).join(', ');
  }

  /** The attributes as options; `overrides` win. */
  protected options(overrides: ElementOptions): ElementOptions {
    const { label, negativePrompt, width, height, scheduler, steps, eta, seed } = this;
    const prompt = this.fullPrompt;
    const { guidanceScale, guidanceRescale, classifierScale } = this;
    const what = { label, prompt, negativePrompt, width, height };
    const guidance = { guidanceScale, guidanceRescale, classifierScale };
    return givenOptions({ ...what, ...guidance, scheduler, steps, eta, seed, ...overrides });
  }

  /**
   * The bundled model for what is asked for, where none is named.
   *
   * @param isLive it is to follow a hand
   */
  protected usualModel(asked: Asked, _isLive: boolean): string {
    return typeof asked.prompt === 'string' ? TEXT_MODEL : DEFAULT_MODEL;
  }

  /** The model that is named, or fits what is asked for, and how to run it. */
  protected modelRequest(asked: Asked = this, isLive = false): ModelRequest {
    const { backend, dtype, memory } = this;
    const model = modelAddress(this.model || this.usualModel(asked, isLive), this.baseURI);
    return {
      model,
      backend: backend || undefined,
      dtype: dtype || undefined,
      memory: memory || undefined,
    };
  }

  /** Whether an attribute changed that, mended, makes a failed element try again. */
  protected isDecisive(changed: PropertyValues<this>): boolean {
    return hasChanged(changed, decisive);
  }
}

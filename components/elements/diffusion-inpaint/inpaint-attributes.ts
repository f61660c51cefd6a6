import type { PropertyValues } from 'lit';
import { property } from 'lit/decorators.js';
import type { Fit } from '../../controllers/image-source.js';
import { invalidOption } from '../../errors.js';
import {
  affordableCost,
  DEFAULT_JUMP_LENGTH,
  DEFAULT_RESAMPLINGS,
  type Cost,
} from '../../pictures/cost.js';
import { expansionWindows, parseExpansion, type Expansion } from '../../pictures/expand.js';
import type { Picture } from '../../pictures/picture.js';
import { hasChanged, numeric } from '../base/attributes.js';
import { DiffusionElement } from '../base/diffusion-element.js';

const DEFAULT_STEPS = 20;
const fits: readonly string[] = ['cover', 'contain'];
/** What decides where something is to be drawn, and around what. */
const holes = ['src', 'mask', 'maskPreset', 'expand', 'superResolution', 'fit', 'invert'];
const inversions: readonly string[] = ['', 'true', 'false'];

/** The attributes of `<diffusion-inpaint>` beside those of every element that draws, and what they come to. */
export abstract class InpaintAttributes extends DiffusionElement {
  /** The picture to work on: its URL. */
  @property() src = '';
  /** A mask's URL, white where the picture is to be drawn anew. */
  @property() mask = '';
  /** `thin`, `wide`, `half`, `expand`, `alternating-lines` or `super-resolution`. */
  @property({ attribute: 'mask-preset' }) maskPreset = '';
  /** Enlarges the picture: it is read at half the model's size, and the pixels between are drawn. */
  @property({ type: Boolean, attribute: 'super-resolution' }) superResolution = false;
  /** Draws beyond the frame instead: a side and an amount in the model's pixels, such as `right 14`. */
  @property() expand = '';
  /** On phones the picture comes from the camera: `environment` or `user`. */
  @property() capture = '';
  /** How often each stretch of steps is walked. */
  @numeric() resamplings?: number;
  /** The steps of such a stretch. */
  @numeric({ attribute: 'jump-length' }) jumpLength?: number;
  /** What a run may cost: model runs (`60`) or seconds (`3s`); it then takes fewer resamplings, or steps. */
  @property() budget = '';
  /** The brush's diameter, in hundredths of the picture's longer side. */
  @numeric({ attribute: 'brush-size' }) brushSize?: number;
  /** `cover` takes the picture's middle, `contain` all of it. */
  @property() fit: Fit = 'cover';
  /** `true` or `false` for models of grey pictures; by default pictures on white become negatives. */
  @property() invert = '';
  /** Results to choose from, 1 to 64. */
  @numeric() count?: number;
  /** The mask can't be painted, nor the picture replaced. */
  @property({ type: Boolean, reflect: true }) readonly = false;

  /** Of the last run, where it took any. */
  protected millisecondsPerRun: number | undefined;

  /** The picture being worked on, fitted to the model; undefined until there is one. */
  abstract get picture(): Picture | undefined;

  protected override isDecisive(changed: PropertyValues<this>): boolean {
    return super.isDecisive(changed) || hasChanged(changed, holes);
  }

  /** What a run costs with these settings, as far as the budget allows them. */
  get cost(): Cost {
    return affordableCost({
      steps: this.steps ?? DEFAULT_STEPS,
      jumpLength: this.jumpLength ?? DEFAULT_JUMP_LENGTH,
      resamplings: this.resamplings ?? (this.isLatent ? 1 : DEFAULT_RESAMPLINGS),
      budget: this.budget,
      windows: this.#windows,
      millisecondsPerRun: this.millisecondsPerRun,
    });
  }

  /**
   * How a picture is fitted to the model.
   *
   * @throws DiffusionError `invalid-option`
   */
  protected get fitting(): { fit: Fit; invert: boolean | undefined; half: boolean } {
    if (!fits.includes(this.fit)) throw invalidOption('fit', this.fit, fits.join(' or '));
    if (!inversions.includes(this.invert)) {
      throw invalidOption('invert', this.invert, 'true or false, or left out');
    }
    const invert = this.invert === '' ? undefined : this.invert !== 'false';
    return { fit: this.fit, invert, half: this.superResolution };
  }

  /** Latent models fill masks as diffusers' inpainting pipelines do, unless resamplings are asked for. */
  protected get isLatent(): boolean {
    return (this.describer.description?.sizeMultiple ?? 0) > 0;
  }

  protected get expansion(): Expansion | undefined {
    return this.expand ? parseExpansion(this.expand) : undefined;
  }

  /** How often the model's frame is filled. */
  get #windows(): number {
    const expansion = this.expansion;
    return expansion && this.picture ? expansionWindows(this.picture, expansion).length : 1;
  }
}

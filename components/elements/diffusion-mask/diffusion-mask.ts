import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { property } from 'lit/decorators.js';
import { BrushController } from '../../controllers/brush.js';
import { readImage, readSize, type ImageSource } from '../../controllers/image-source.js';
import { MaskCanvasController, type MaskTool, type Stroke } from '../../controllers/mask-canvas.js';
import { isAbortError } from '../../errors.js';
import type { Picture } from '../../pipelines/pictures.js';
import { numberAttribute } from '../base/attributes.js';
import { baseStyles } from '../base/styles.js';
import { DiffusionErrorEvent } from '../events.js';
import { styles } from './diffusion-mask.styles.js';

const tools: readonly MaskTool[] = ['brush', 'eraser', 'rectangle'];
const DEFAULT_BRUSH_SIZE = 15;

/**
 * A mask, painted with mouse, finger, pen or keys: white, where it is painted, is what is to be drawn anew.
 * Keys: arrows move the brush, Space paints, `[` and `]` change its size, Ctrl+Z takes a stroke back,
 * Delete clears.
 *
 * @element diffusion-mask
 *
 * @slot - a picture to paint over, instead of `src`
 *
 * @event input - the mask is changing
 * @event change - a stroke is done, or the mask was cleared, inverted, undone or redone by a person
 * @event error - `src` or `value` could not be read: `error`, with a `code`
 *
 * @csspart stage - the picture with the paint over it
 * @csspart controls - the toolbar
 * @csspart button - each button
 *
 * @cssproperty --diffusion-accent - colour of the chosen tool and the focus ring
 * @cssproperty --diffusion-background - colour behind the picture and in the fields
 * @cssproperty --diffusion-radius - radius of the corners
 * @cssproperty --diffusion-font - font of all text
 */
export class DiffusionMask extends LitElement {
  static readonly formAssociated = true;
  static override readonly styles = [baseStyles, styles];

  /** The picture under the mask: its URL. */
  @property() src = '';
  /** The brush's diameter, in hundredths of the picture's longer side. */
  @property({ attribute: 'brush-size', converter: numberAttribute }) brushSize?: number;
  /** The share of the brush over which its edge fades, 0 to 1. */
  @property({ converter: numberAttribute }) feather?: number;
  /** `brush`, `eraser` or `rectangle`. */
  @property() tool: MaskTool = 'brush';
  /** Shows the toolbar. */
  @property({ type: Boolean, reflect: true }) controls = false;
  /** Nothing can be painted. */
  @property({ type: Boolean, reflect: true }) readonly = false;
  /** The name under which a form submits the mask, as a PNG file. */
  @property({ reflect: true }) name = '';
  /** A text for those who can't see the picture. */
  @property() alt = '';

  readonly #internals = this.attachInternals();
  readonly #mask = new MaskCanvasController(this);
  readonly #brush = new BrushController(this, this.#mask, {
    stroke: () => this.#stroke(),
    onInput: () => this.#report('input'),
    onChange: () => this.#changed(),
    onResize: (factor) => this.#resizeBrush(factor),
  });
  #reading: AbortController | undefined;
  #sized = false;

  /** The form that the element belongs to. */
  get form(): HTMLFormElement | null {
    return this.#internals.form;
  }

  /** The mask as a PNG, white on black, in the picture's size; null where nothing is painted. */
  get value(): Blob | null {
    return this.#mask.isEmpty ? null : this.#mask.toBlob();
  }

  set value(mask: Blob | null) {
    if (!mask) this.clear();
    else this.load(mask).catch((error) => this.dispatchEvent(new DiffusionErrorEvent(error)));
  }

  /** The mask as RGBA bytes, in the picture's size. */
  get picture(): Picture {
    return this.#mask.toPicture();
  }

  /** Whether nothing is painted. */
  get isEmpty(): boolean {
    return this.#mask.isEmpty;
  }

  get canUndo(): boolean {
    return this.#mask.canUndo;
  }

  get canRedo(): boolean {
    return this.#mask.canRedo;
  }

  /** Takes the size of a picture, and forgets the paint. */
  resize(width: number, height: number): void {
    this.#sized = true;
    this.#mask.resize(width, height);
    this.#submit();
  }

  /**
   * Puts a mask there: the URL or file of a picture, or its pixels; resampled where its size differs.
   *
   * @throws DiffusionError `image-invalid`, `image-tainted`, `network`
   */
  async load(mask: ImageSource): Promise<void> {
    const { width, height } = this.#mask;
    this.#mask.load(await readImage(mask, { width, height }));
    this.#submit();
  }

  /** Takes all paint away. */
  clear(): void {
    this.#mask.clear();
    this.#submit();
  }

  /** Paints what is not painted, and the other way round. */
  invert(): void {
    this.#mask.invert();
    this.#submit();
  }

  /** Takes the last change back. */
  undo(): void {
    this.#mask.undo();
    this.#submit();
  }

  /** Makes the change again that was taken back. */
  redo(): void {
    this.#mask.redo();
    this.#submit();
  }

  formResetCallback(): void {
    this.clear();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#reading?.abort();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('src') && this.src) void this.#measure(this.src);
    if (!this.#sized && !this.src) this.resize(1, 1);
  }

  protected override render(): TemplateResult {
    const { canvas } = this.#mask;
    return html`
      <div
        class="stage ${this.src ? '' : 'empty'}"
        part="stage"
        tabindex=${this.readonly ? nothing : 0}
        role="application"
        aria-roledescription="mask painter"
        aria-label=${this.alt || 'Mask: arrow keys move the brush, Space paints'}
        @pointerdown=${this.#brush.onPointerDown}
        @pointermove=${this.#brush.onPointerMove}
        @pointerup=${this.#brush.onPointerUp}
        @pointercancel=${this.#brush.onPointerUp}
        @keydown=${this.#brush.onKeyDown}
        @keyup=${this.#brush.onKeyUp}
        @blur=${this.#brush.onBlur}
      >
        <slot>${this.src ? html`<img src=${this.src} alt=${this.alt} />` : nothing}</slot>
        <div class="paint">${canvas}</div>
        ${this.#cursor()}
      </div>
      ${this.controls && !this.readonly ? this.#toolbar() : nothing}
    `;
  }

  #cursor(): TemplateResult | typeof nothing {
    const { cursor } = this.#brush;
    const stroke = this.#stroke();
    if (!cursor || !stroke) return nothing;
    const { width, height } = this.#mask.canvas;
    const place = `left:${(100 * cursor[0]) / width}%;top:${(100 * cursor[1]) / height}%`;
    return html`<div class="cursor" style="${place};width:${(100 * stroke.size) / width}%"></div>`;
  }

  #toolbar(): TemplateResult {
    const button = (text: string, action: () => void, disabled = false) =>
      html`<button part="button" ?disabled=${disabled} @click=${action}>${text}</button>`;
    const act = (change: () => void) => () => {
      change();
      this.#changed();
    };
    return html`
      <div class="toolbar" part="controls" role="group" aria-label="Mask">
        ${tools.map(
          (tool) => html`
            <button
              part="button"
              aria-pressed=${this.tool === tool}
              @click=${() => (this.tool = tool)}
            >
              ${tool[0]!.toUpperCase()}${tool.slice(1)}
            </button>
          `,
        )}
        <label>
          Size
          <input
            type="range"
            min="2"
            max="60"
            .value=${String(this.#size)}
            @input=${this.#onSize}
          />
        </label>
        ${button(
          'Undo',
          act(() => this.undo()),
          !this.canUndo,
        )}
        ${button(
          'Redo',
          act(() => this.redo()),
          !this.canRedo,
        )}
        ${button(
          'Invert',
          act(() => this.invert()),
        )}
        ${button(
          'Clear',
          act(() => this.clear()),
        )}
      </div>
    `;
  }

  get #size(): number {
    return this.brushSize ?? DEFAULT_BRUSH_SIZE;
  }

  #stroke(): Stroke | undefined {
    if (this.readonly) return undefined;
    const { width, height } = this.#mask.canvas;
    const size = (Math.max(width, height) * this.#size) / 100;
    const feather = Math.min(1, Math.max(0, this.feather ?? 0));
    return { tool: this.tool, size: Math.max(1, size), feather };
  }

  #resizeBrush(factor: number): void {
    this.brushSize = Math.min(100, Math.max(1, this.#size * factor));
  }

  #onSize({ target }: Event): void {
    this.brushSize = Number((target as HTMLInputElement).value);
  }

  async #measure(src: string): Promise<void> {
    this.#reading?.abort();
    this.#reading = new AbortController();
    const { signal } = this.#reading;
    try {
      const { width, height } = await readSize(src, signal);
      if (!signal.aborted) this.resize(width, height);
    } catch (error) {
      if (!isAbortError(error)) this.dispatchEvent(new DiffusionErrorEvent(error as Error));
    }
  }

  #changed(): void {
    this.#submit();
    this.#report('change');
  }

  #submit(): void {
    const value = this.name ? this.value : null;
    const file = value && new File([value], `${this.name}.png`, { type: value.type });
    this.#internals.setFormValue(file);
  }

  #report(type: 'input' | 'change'): void {
    this.dispatchEvent(new Event(type, { bubbles: true }));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'diffusion-mask': DiffusionMask;
  }
}

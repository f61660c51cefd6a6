import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { property, state } from 'lit/decorators.js';
import { AnnouncerController } from '../../controllers/announcer.js';
import { BrushController } from '../../controllers/brush.js';
import { saveFile } from '../../controllers/canvas.js';
import { FormValueController } from '../../controllers/form-value.js';
import { Gestures } from '../../controllers/gestures.js';
import { readImage, readSize, type ImageSource } from '../../controllers/image-source.js';
import { LanguageController } from '../../controllers/language.js';
import { MaskCanvasController, type MaskTool, type Stroke } from '../../controllers/mask-canvas.js';
import { pickedPicture } from '../../controllers/picture-intake.js';
import { ZoomController } from '../../controllers/zoom.js';
import { DiffusionError, isAbortError } from '../../errors.js';
import type { Picture } from '../../pictures/picture.js';
import type { Strings } from '../../strings/strings.js';
import { nameAttribute, numeric } from '../base/attributes.js';
import { cursorStyles } from '../base/cursor.styles.js';
import { baseStyles } from '../base/styles.js';
import type { LitElementWith } from '../base/typed-listeners.js';
import { DiffusionErrorEvent, type DiffusionMaskEvents } from '../events.js';
import { styles } from './diffusion-mask.styles.js';
import { maskToolbar, type MaskCommand } from './toolbar.js';

const DEFAULT_BRUSH_SIZE = 15;

/** What is said when a person has changed the whole mask. */
const done = { undo: 'undone', redo: 'redone', invert: 'inverted', clear: 'cleared' } as const;

/**
 * A mask, painted with mouse, finger, pen or keys: white, where it is painted, is what is to be drawn anew.
 * Keys: arrows move the brush, Space paints, `[` and `]` change its size, Ctrl+Z takes a stroke back,
 * Delete clears, `+` and `-` zoom, `0` shows the whole picture. Two fingers, or Ctrl and the wheel, zoom too; the
 * wheel and the middle button move what is shown.
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
export class DiffusionMask extends (LitElement as LitElementWith<DiffusionMaskEvents>) {
  static readonly formAssociated = true;
  static override readonly styles = [baseStyles, cursorStyles, styles];

  /** The picture under the mask: its URL. */
  @property() src = '';
  /** The brush's diameter, in hundredths of the picture's longer side. */
  @numeric({ attribute: 'brush-size' }) brushSize?: number;
  /** The share of the brush over which its edge fades, 0 to 1. */
  @numeric() feather?: number;
  /** `brush`, `eraser` or `rectangle`. */
  @property() tool: MaskTool = 'brush';
  /** Shows the toolbar. */
  @property({ type: Boolean, reflect: true }) controls = false;
  /** Nothing can be painted. */
  @property({ type: Boolean, reflect: true }) readonly = false;
  /** The name under which a form submits the mask, as a PNG file. */
  @property({ reflect: true, converter: nameAttribute }) name = '';
  /** A text for those who can't see the picture. */
  @property() alt = '';
  /** Texts in place of the element's own, by what they are for; the language is that of the page. */
  @property({ attribute: false }) strings?: Partial<Strings>;

  /** The element stands in a disabled fieldset. */
  @state() protected disabled = false;

  readonly #language = new LanguageController(this, () => this.strings);
  readonly #announcer = new AnnouncerController(this);
  readonly #internals = this.attachInternals();
  readonly #formValue = new FormValueController(this, this.#internals);
  readonly #mask = new MaskCanvasController(this);
  readonly #brush = new BrushController(this, this.#mask, {
    stroke: () => this.#stroke(),
    onInput: () => this.#report('input'),
    onChange: () => this.#changed(),
    onResize: (factor) => this.#resizeBrush(factor),
    onCommand: (command) => this.#command(command),
  });
  readonly #zoom = new ZoomController(this);
  readonly #gestures = new Gestures(this.#zoom, this.#brush, this.#mask);
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

  /** A copy of the paint, opaque where the picture is to be drawn anew. */
  copyPaint(): HTMLCanvasElement {
    return this.#mask.copy();
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
    this.#zoom.reset();
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

  /**
   * Saves the mask as a PNG file.
   *
   * @throws DiffusionError `invalid-option` where nothing is painted
   */
  download(): void {
    const { value } = this;
    if (!value) throw new DiffusionError('invalid-option', 'The mask is empty: paint it first.');
    saveFile(value, `${this.name || 'mask'}.png`);
  }

  formDisabledCallback(disabled: boolean): void {
    this.disabled = disabled;
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
        class="stage ${this.src ? (this.#sized ? '' : 'awaited') : 'empty'}"
        part="stage"
        tabindex=${this.readonly ? nothing : 0}
        role="application"
        aria-roledescription=${this.#language.text('maskPainter')}
        aria-label=${this.alt || this.#language.text('maskHelp')}
        @pointerdown=${this.#gestures.onPointerDown}
        @pointermove=${this.#gestures.onPointerMove}
        @pointerup=${this.#gestures.onPointerUp}
        @pointercancel=${this.#gestures.onPointerUp}
        @wheel=${this.#zoom.onWheel}
        @keydown=${this.#gestures.onKeyDown}
        @keyup=${this.#brush.onKeyUp}
        @blur=${this.#brush.onBlur}
      >
        <div class="layers" .style=${`transform:${this.#zoom.transform}`}>
          <slot>${this.src ? this.#picture() : nothing}</slot>
          <div class="paint">${canvas}</div>
          ${this.#cursor()}
        </div>
      </div>
      ${this.controls && !this.readonly ? this.#toolbar() : nothing}
      <div class="announcer" role="status">${this.#announcer.text}</div>
    `;
  }

  /** As tall as it will be as soon as its size is known, which may be before it is there. */
  #picture(): TemplateResult {
    const { width, height } = this.#mask.canvas;
    return html`<img
      src=${this.src}
      alt=${this.alt}
      width=${this.#sized ? width : nothing}
      height=${this.#sized ? height : nothing}
    />`;
  }

  #cursor(): TemplateResult | typeof nothing {
    const { cursor } = this.#brush;
    const stroke = this.#stroke();
    if (!cursor || !stroke) return nothing;
    const { width, height } = this.#mask.canvas;
    const place = `left:${(100 * cursor[0]) / width}%;top:${(100 * cursor[1]) / height}%`;
    return html`<div
      class="cursor"
      .style=${`${place};width:${(100 * stroke.size) / width}%`}
    ></div>`;
  }

  #toolbar(): TemplateResult {
    return maskToolbar({
      language: this.#language,
      disabled: this.disabled,
      tool: this.tool,
      size: this.#size,
      feather: this.#feather,
      canUndo: this.canUndo,
      canRedo: this.canRedo,
      isEmpty: this.isEmpty,
      isZoomed: this.#zoom.scale > 1,
      onTool: (tool) => (this.tool = tool),
      onSize: (size) => (this.brushSize = size),
      onFeather: (feather) => (this.feather = feather),
      onCommand: (command) => this.#command(command),
      onWholePicture: () => this.#zoom.reset(),
      onSave: () => this.download(),
      onOpen: (event) => void this.#open(pickedPicture(event)),
    });
  }

  async #open(file: File | undefined): Promise<void> {
    if (!file) return;
    try {
      await this.load(file);
      this.#changed();
    } catch (error) {
      this.dispatchEvent(new DiffusionErrorEvent(error as Error));
    }
  }

  get #size(): number {
    return this.brushSize ?? DEFAULT_BRUSH_SIZE;
  }

  get #feather(): number {
    return Math.min(1, Math.max(0, this.feather ?? 0));
  }

  /** What is painted with; nothing where there is no picture yet to paint on. */
  #stroke(): Stroke | undefined {
    if (this.readonly || this.disabled || (this.src && !this.#sized)) return undefined;
    const { width, height } = this.#mask.canvas;
    const size = (Math.max(width, height) * this.#size) / 100;
    return { tool: this.tool, size: Math.max(1, size), feather: this.#feather };
  }

  #resizeBrush(factor: number): void {
    this.brushSize = Math.min(100, Math.max(1, this.#size * factor));
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

  /** A change of the whole mask by a person. */
  #command(command: MaskCommand): void {
    this[command]();
    this.#announcer.announce(this.#language.text(done[command]));
    this.#changed();
  }

  #changed(): void {
    this.#submit();
    this.#report('change');
  }

  #submit(): void {
    this.#formValue.setNow(this.name ? this.value : null);
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

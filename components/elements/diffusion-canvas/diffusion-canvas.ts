import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { property, state } from 'lit/decorators.js';
import { BrushController } from '../../controllers/brush.js';
import { CameraController } from '../../controllers/camera.js';
import type { ImageSource } from '../../controllers/image-source.js';
import type { Stroke } from '../../controllers/mask-canvas.js';
import { pickedPicture, PictureIntakeController } from '../../controllers/picture-intake.js';
import { SketchController } from '../../controllers/sketch.js';
import type { RunResult, StepReport } from '../../worker/protocol.js';
import { numeric, onUnlessOff } from '../base/attributes.js';
import type { ElementOptions } from '../base/element-options.js';
import { promptField } from '../base/prompt-field.js';
import { StageElement } from '../base/stage-element.js';
import { stageStyles } from '../base/stage.styles.js';
import { cursorStyles } from '../base/cursor.styles.js';
import { baseStyles } from '../base/styles.js';
import { usualModel, type Asked } from '../base/usual-model.js';
import { styles } from './diffusion-canvas.styles.js';
import { canvasToolbar, type CanvasCommand } from './toolbar.js';
import { checkBrush } from './check-brush.js';

const DEFAULT_STRENGTH = 0.7;
/** In hundredths of the board's side. */
const DEFAULT_BRUSH_SIZE = 12;

/**
 * A board to draw on, and beside it what a diffusion model makes of the drawing while the hand moves. A picture or the
 * camera may lie under the paint. The drawing is noised, and drawn from there (SDEdit, Meng et al. 2021).
 *
 * @element diffusion-canvas
 *
 * @slot - what shows where scripts do not run
 * @slot poster - shown until the first picture is there, instead of `poster`
 * @slot progress - replaces the progress bar
 * @slot controls - replaces the toolbar
 *
 * @event input - a person draws, or moves a slider
 * @event change - a stroke, or another change, is done
 * @event progress - bytes of the model have come: `loaded`, `total`, `file`
 * @event step - a step is done: `step`, `steps`, `timestep`, `preview`
 * @event load - the picture of what was drawn last is there
 * @event error - it could not be done: `error`, with a `code`
 * @event abort - the run was ended
 *
 * @csspart board - what one draws on
 * @csspart canvas - the picture
 * @csspart poster - the poster's image
 * @csspart progress - the progress bar and its text
 * @csspart controls - the toolbar
 * @csspart button - each button
 * @csspart error - the sentence that says what went wrong
 *
 * @cssproperty --diffusion-accent - colour of the sliders and the focus ring
 * @cssproperty --diffusion-background - colour behind the picture and in the fields
 * @cssproperty --diffusion-radius - radius of the corners
 * @cssproperty --diffusion-font - font of all text
 */
export class DiffusionCanvas extends StageElement {
  static override readonly styles = [baseStyles, stageStyles, cursorStyles, styles];

  /** A picture to draw on: its URL. */
  @property() src = '';
  /** On a board this is usual: `live="off"` draws only when `generate()` is called. */
  @onUnlessOff() override live = true;
  /** How far the picture may leave the drawing, 0 to 1; 0.7 by default. */
  @numeric() strength?: number;
  /** The brush's diameter, in hundredths of the board's side; 12 by default. */
  @numeric({ attribute: 'brush-size' }) brushSize?: number;
  /** The brush's colour, for models of colour pictures. */
  @property() colour = '#d03030';
  /** The board's colour, as CSS names it; by default black for models of grey pictures, white for others. */
  @property() ground = '';

  @state() private isErasing = false;

  readonly #sketch = new SketchController(this, () => this.#groundColour);
  readonly #brush = new BrushController(this, this.#sketch.paint, {
    stroke: () => this.#stroke(),
    onInput: () => this.#drawn('input'),
    onChange: () => this.#drawn('change'),
    onResize: (factor) => (this.brushSize = Math.min(40, Math.max(1, this.#size * factor))),
    onCommand: (command) => this.#command(command),
  });
  readonly #camera = new CameraController(this, {
    onFrame: (video) => {
      this.#sketch.show(video, video.videoWidth, video.videoHeight);
      this.follow(true);
    },
    onRefused: () => (this.note = this.language.text('noCamera')),
  });
  #reading: AbortController | undefined;

  constructor() {
    super();
    new PictureIntakeController(this, {
      allowed: () => this.controls && !this.disabled,
      onFile: (file) => void this.#take(file),
    });
  }

  /** What is drawn, and what lies under it. */
  get drawing(): HTMLCanvasElement {
    return this.#sketch.compose();
  }

  /** Whether the camera lies under the paint. */
  get cameraOn(): boolean {
    return this.#camera.isOn;
  }

  /**
   * Puts a picture under the paint: a URL, a file, an element, a bitmap or pixels.
   *
   * @throws DiffusionError `image-invalid`, `image-tainted`, `network`
   */
  async load(source: ImageSource): Promise<void> {
    this.#reading?.abort();
    const { signal } = (this.#reading = new AbortController());
    await this.#sketch.load(source, signal);
    if (signal.aborted) return;
    this.#camera.stop();
    this.#drawn(undefined);
  }

  /** Asks for the device's camera, and puts what it sees under the paint; what it does not allow stands in the notice. */
  startCamera(): Promise<void> {
    this.note = '';
    this.isInUse = true;
    return this.#camera.start();
  }

  stopCamera(): void {
    this.#camera.stop();
  }

  /** Takes all paint, the picture under it and the camera away. */
  clear(): void {
    this.#reading?.abort();
    this.#camera.stop();
    this.#sketch.clear();
    this.#drawn(undefined);
  }

  /** Takes the last stroke back. */
  undo(): void {
    this.#sketch.paint.undo();
    this.#drawn(undefined);
  }

  /** Makes the stroke again that was taken back. */
  redo(): void {
    this.#sketch.paint.redo();
    this.#drawn(undefined);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#reading?.abort();
  }

  protected override usualModel(asked: Asked): string {
    return usualModel(asked);
  }

  override formResetCallback(): void {
    this.clear();
  }

  /** The ground is part of the drawing; a brush that can't paint is what may have failed. */
  protected override isDecisive(changed: PropertyValues<this>): boolean {
    const isMended = this.state === 'failed' && (changed.has('colour') || changed.has('brushSize'));
    return super.isDecisive(changed) || changed.has('ground') || isMended;
  }

  /** @throws DiffusionError `invalid-option` */
  protected override options(overrides: ElementOptions): ElementOptions {
    checkBrush(this);
    const strength = this.strength ?? DEFAULT_STRENGTH;
    return super.options({ image: this.#sketch.compose(), strength, ...overrides });
  }

  protected override stepped(report: StepReport): void {
    const [pictures = []] = Object.values(report.previews);
    this.view.paint(pictures);
    super.stepped(report);
  }

  protected override finished(result: RunResult): Promise<void> {
    this.view.paint(result.images);
    return super.finished(result);
  }

  protected override updated(changed: PropertyValues<this>): void {
    super.updated(changed);
    if (!changed.has('src')) return;
    if (this.src) this.load(this.src).catch((error: Error) => this.sampling.fail(error));
    else if (changed.get('src')) this.#withoutPicture();
  }

  protected override render(): TemplateResult {
    const { cursor } = this.#brush;
    const percent = (value: number) => `${(100 * value) / this.#sketch.ground.width}%`;
    return html`
      <div class="desk">
        <div
          class="sheet"
          part="board"
          .style=${`background:${this.#groundColour}`}
          tabindex=${this.disabled ? nothing : 0}
          role="application"
          aria-roledescription=${this.language.text('canvasPainter')}
          aria-label=${this.language.text('canvasHelp')}
          @pointerdown=${this.#brush.onPointerDown}
          @pointermove=${this.#brush.onPointerMove}
          @pointerup=${this.#brush.onPointerUp}
          @pointercancel=${this.#brush.onPointerUp}
          @keydown=${this.#brush.onKeyDown}
          @keyup=${this.#brush.onKeyUp}
          @blur=${this.#brush.onBlur}
        >
          ${this.#sketch.ground} ${this.#sketch.paint.canvas}
          ${
            cursor
              ? html`<div
                  class="cursor"
                  .style=${`left:${percent(cursor[0])};top:${percent(cursor[1])};width:${this.#size}%`}
                ></div>`
              : nothing
          }
        </div>
        ${this.stage()}
      </div>
      ${this.failure()}
      <slot name="controls" @keydown=${this.onKeydown}>
        ${this.controls ? this.#toolbar() : nothing}
      </slot>
      ${this.notes()} ${this.liveRegion()}
    `;
  }

  /** Nothing answers to nothing: the play button of other stages has no place here. */
  protected override get canPlay(): boolean {
    return false;
  }

  /** Until the model is known: words mostly draw in colour. */
  get #isGrey(): boolean {
    const { channels = this.prompt === undefined ? 1 : 3 } = this.describer.description ?? {};
    return channels === 1;
  }

  get #groundColour(): string {
    return this.ground || (this.#isGrey ? '#000' : '#fff');
  }

  get #size(): number {
    return this.brushSize ?? DEFAULT_BRUSH_SIZE;
  }

  #stroke(): Stroke | undefined {
    if (this.disabled) return undefined;
    const size = (this.#sketch.ground.width * this.#size) / 100;
    const colour = this.#isGrey ? '#fff' : this.colour;
    return { tool: this.isErasing ? 'eraser' : 'brush', size, feather: 0, colour };
  }

  #withoutPicture(): void {
    this.#reading?.abort();
    this.#sketch.removePicture();
    this.#drawn(undefined);
  }

  /** The drawing has changed, by a person where it is told. An empty board has no answer. */
  #drawn(told: 'input' | 'change' | undefined): void {
    if (told) this.report(told);
    if (this.#sketch.isEmpty) return this.forget();
    this.isInUse = true;
    this.follow();
  }

  /** Clearing takes the paint first, then what lies under it: undo does not bring a photo back. */
  #command(command: CanvasCommand): void {
    const { paint } = this.#sketch;
    if (command === 'clear' && !paint.isEmpty) {
      paint.clear();
      this.#drawn(undefined);
    } else {
      this[command]();
    }
    this.report('change');
  }

  async #take(file: File | undefined): Promise<void> {
    if (!file) return;
    try {
      await this.load(file);
      this.report('change');
    } catch (error) {
      this.sampling.fail(error as Error);
    }
  }

  #toolbar(): TemplateResult {
    const { language, disabled, label, describer, colour } = this;
    const { paint, isEmpty } = this.#sketch;
    return canvasToolbar({
      ...{ language, disabled, label, isEmpty },
      labels: describer.description?.labels,
      promptBox: promptField(this.promptOptions),
      isErasing: this.isErasing,
      colour: this.#isGrey ? undefined : colour,
      size: this.#size,
      strength: this.strength ?? DEFAULT_STRENGTH,
      canUndo: paint.canUndo,
      canRedo: paint.canRedo,
      hasCamera: 'mediaDevices' in navigator,
      isCameraOn: this.#camera.isOn,
      canDownload: this.images.length > 0,
      onLabel: (next) => {
        this.label = next || undefined;
        this.report('change');
      },
      onErase: (isErasing) => (this.isErasing = isErasing),
      onColour: (next) => (this.colour = next),
      onSize: (size) => (this.brushSize = size),
      onStrength: (strength, isLast) => {
        this.strength = strength;
        this.report('input');
        if (isLast) this.report('change');
      },
      onCommand: (command) => this.#command(command),
      onPick: (event) => void this.#take(pickedPicture(event)),
      onCamera: () => void (this.#camera.isOn ? this.stopCamera() : this.startCamera()),
      onDownload: () => void this.download(),
    });
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'diffusion-canvas': DiffusionCanvas;
  }
}

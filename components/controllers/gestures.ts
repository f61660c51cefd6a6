import type { BrushController } from './brush.js';
import type { MaskCanvasController } from './mask-canvas.js';
import type { ZoomController } from './zoom.js';

/** Hands what a person does on the painter's surface to those whom it concerns: the zoom first, then the brush. */
export class Gestures {
  constructor(
    readonly zoom: ZoomController,
    readonly brush: BrushController,
    readonly mask: MaskCanvasController,
  ) {}

  readonly onPointerDown = (event: PointerEvent): void => {
    this.zoom.onPointerDown(event);
    this.brush.onPointerDown(event);
  };

  readonly onPointerMove = (event: PointerEvent): void => {
    this.zoom.onPointerMove(event);
    this.brush.onPointerMove(event);
  };

  readonly onPointerUp = (event: PointerEvent): void => {
    this.zoom.onPointerUp(event);
    this.brush.onPointerUp(event);
  };

  readonly onKeyDown = (event: KeyboardEvent): void => {
    this.zoom.onKeyDown(event);
    this.brush.onKeyDown(event);
    const { cursor } = this.brush;
    const { width, height } = this.mask.canvas;
    // A brush that is moved by keys stays in sight.
    if (cursor && event.key.startsWith('Arrow')) {
      this.zoom.reveal([cursor[0] / width, cursor[1] / height]);
    }
  };
}

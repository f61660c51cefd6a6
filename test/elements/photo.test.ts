import { expect, fixture, html } from '@open-wc/testing';
import 'diffusion-elements';
import type { DiffusionInpaint } from 'diffusion-elements';

const WIDTH = 3000;
const HEIGHT = 2000;

/** A photo in colour, larger than any model's frame. */
function photo(width = WIDTH, height = HEIGHT): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [width, height];
  const context = canvas.getContext('2d')!;
  const sky = context.createLinearGradient(0, 0, width, height);
  sky.addColorStop(0, '#1e5fd8');
  sky.addColorStop(0.5, '#e8b04a');
  sky.addColorStop(1, '#c4302b');
  context.fillStyle = sky;
  context.fillRect(0, 0, width, height);
  return canvas;
}

const pixelsOf = (canvas: HTMLCanvasElement) =>
  canvas
    .getContext('2d', { willReadFrequently: true })!
    .getImageData(0, 0, canvas.width, canvas.height);

async function pixelsOfFile(blob: Blob): Promise<ImageData> {
  const bitmap = await createImageBitmap(blob);
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [bitmap.width, bitmap.height];
  canvas.getContext('2d', { willReadFrequently: true })!.drawImage(bitmap, 0, 0);
  return pixelsOf(canvas);
}

/** Paints a square in the middle of the model's frame. */
async function paintMiddle(element: DiffusionInpaint): Promise<void> {
  const size = 28;
  const data = new Uint8ClampedArray(4 * size * size);
  for (let i = 0; i < size * size; i++) {
    const [x, y] = [i % size, Math.floor(i / size)];
    const value = x >= 10 && x < 18 && y >= 10 && y < 18 ? 255 : 0;
    data.set([value, value, value, 255], 4 * i);
  }
  await element.maskElement!.load(new ImageData(data, size, size));
}

async function filled(fit: 'cover' | 'contain', source = photo()): Promise<DiffusionInpaint> {
  const element = await fixture<DiffusionInpaint>(html`
    <diffusion-inpaint
      backend="wasm"
      label="bag"
      steps="2"
      resamplings="1"
      seed="1"
      fit=${fit}
    ></diffusion-inpaint>
  `);
  await element.load(source);
  await paintMiddle(element);
  await element.generate();
  return element;
}

describe('a photo that is filled', () => {
  for (const fit of ['cover', 'contain'] as const) {
    it(`comes back at its own size, every pixel outside the hole as it was (${fit})`, async () => {
      const source = photo();
      const before = pixelsOf(source).data;
      const element = await filled(fit, source);
      const after = await pixelsOfFile(await element.toBlob());
      expect([after.width, after.height]).to.deep.equal([WIDTH, HEIGHT]);
      // The frame: the middle square, or all of the photo in the middle of one.
      const side = fit === 'cover' ? HEIGHT : WIDTH;
      const [left, top] = [(WIDTH - side) / 2, (HEIGHT - side) / 2];
      // At the edge of the hole the paint fades over a model pixel, which is an eighth of the hole.
      const margin = side / 28;
      const [from, to] = [(side * 10) / 28, (side * 18) / 28];
      const isOutside = (x: number, y: number) =>
        x < left + from - margin ||
        x > left + to + margin ||
        y < top + from - margin ||
        y > top + to + margin;
      let differing = 0;
      for (let y = 0; y < HEIGHT; y++) {
        for (let x = 0; x < WIDTH; x++) {
          if (!isOutside(x, y)) continue;
          const i = 4 * (y * WIDTH + x);
          for (let c = 0; c < 4; c++) if (after.data[i + c] !== before[i + c]) differing++;
        }
      }
      expect(differing).to.equal(0);
      const middle = 4 * ((HEIGHT / 2) * WIDTH + WIDTH / 2);
      const [r, g, b] = after.data.subarray(middle, middle + 3);
      expect([g, b]).to.deep.equal([r, r]);
      expect([...after.data.subarray(middle, middle + 3)]).not.to.deep.equal([
        ...before.subarray(middle, middle + 3),
      ]);
    });
  }

  it('is shown and given as pixels, also at its own size; results stay the model’s', async () => {
    const element = await filled('cover');
    const { width, height } = await element.toImageData();
    expect([width, height]).to.deep.equal([WIDTH, HEIGHT]);
    expect(element.images[0]).to.include({ width: 28, height: 28 });
    const shown = element.shadowRoot!.querySelector<HTMLCanvasElement>('[part=canvas]')!;
    expect(shown.width / shown.height).to.be.closeTo(WIDTH / HEIGHT, 0.01);
    const painter = element.maskElement!.querySelector('canvas')!;
    expect(painter.width).to.be.above(300);
  });

  it('stays as it was filled, with the paint it was filled with, when another run is stopped', async () => {
    const element = await filled('cover', photo(300, 200));
    const before = await pixelsOfFile(await element.toBlob());
    element.maskElement!.clear();
    element.maskElement!.invert();
    const run = element.generate({ steps: 900 }).catch((error) => error);
    await new Promise((resolve) => element.addEventListener('step', resolve, { once: true }));
    element.abort();
    await run;
    const after = await pixelsOfFile(await element.toBlob());
    expect(after.data).to.deep.equal(before.data);
  });

  it('says that there is no result before there is one', async () => {
    const element = await fixture<DiffusionInpaint>(html`<diffusion-inpaint></diffusion-inpaint>`);
    const error = await element.toImageData().catch((reason) => reason);
    expect(error.code).to.equal('invalid-option');
  });
});

describe('a picture that can’t be read', () => {
  it('after a good one leaves none behind: nothing is drawn on the old picture', async () => {
    const element = await filled('cover');
    element.src = '/no-such-picture.png';
    await element.updateComplete;
    const error = await element.generate().catch((reason) => reason);
    expect(error.code).to.equal('image-invalid');
    expect(error.message).to.contain('404');
    element.src = photo(300, 200).toDataURL();
    await element.updateComplete;
    const { images } = await element.generate();
    expect(images).to.have.length(1);
    expect(element.state).to.equal('done');
  });
});

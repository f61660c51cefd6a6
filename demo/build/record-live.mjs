/* global PointerEvent, requestAnimationFrame */
// Records the seed pad under a moving pointer, in Chromium, with the package's own GIF export: demo/pictures/live.gif.
//
//   npm run build && node demo/build/record-live.mjs
import { writeFile } from 'node:fs/promises';
import { withWasmPage } from '../../test/helpers/served-browser.mjs';

const SECONDS = 5;
const FRAMES_A_SECOND = 12;
/** Of the picture, and of the pad beside it. */
const SIDE = 168;

await withWasmPage(async (page, address) => {
  await page.goto(`${address}/test/bench/live.html`);
  const bytes = await page.evaluate(
    async ({ seconds, rate, side }) => {
      const { writeGif } = await import('/dist/lazy/gif-writer.js');
      const sampler = document.querySelector('diffusion-sampler');
      Object.assign(sampler, { seed: '3,4,5,6@0.9,0.5', steps: undefined });
      await sampler.generate();
      await sampler.updateComplete;
      const pad = sampler.shadowRoot.querySelector('[part=pad]');
      const picture = sampler.shadowRoot.querySelector('.stage canvas');
      const { left, top, width, height } = pad.getBoundingClientRect();
      const turn = (2 * Math.PI) / seconds;
      const send = (type, time) => {
        const clientX = left + width * (0.5 + 0.4 * Math.cos(turn * time));
        const clientY = top + height * (0.5 + 0.4 * Math.sin(turn * time));
        pad.dispatchEvent(new PointerEvent(type, { clientX, clientY, button: 0, bubbles: true }));
      };
      const shots = [];
      const shoot = () => {
        const canvas = document.createElement('canvas');
        [canvas.width, canvas.height] = [2 * side + 8, side];
        const context = canvas.getContext('2d', { willReadFrequently: true });
        context.imageSmoothingEnabled = false;
        context.fillStyle = '#17181d';
        context.fillRect(0, 0, canvas.width, side);
        context.drawImage(picture, 0, 0, side, side);
        context.fillStyle = '#22252e';
        context.fillRect(side + 8, 0, side, side);
        context.fillStyle = '#3a3f4d';
        context.fillRect(side + 8 + side / 2, 0, 1, side);
        context.fillRect(side + 8, side / 2, side, 1);
        const [x, y] = sampler.seed.split('@')[1].split(',').map(Number);
        context.fillStyle = '#8fa6ff';
        context.beginPath();
        context.arc(side + 8 + x * side, y * side, 8, 0, 2 * Math.PI);
        context.fill();
        shots.push(canvas);
      };
      send('pointerdown', 0);
      const begun = performance.now();
      while (shots.length < seconds * rate) {
        const time = await new Promise((resolve) => requestAnimationFrame(resolve));
        const passed = (time - begun) / 1000;
        send('pointermove', passed);
        if (passed * rate >= shots.length) shoot();
      }
      send('pointerup', seconds);
      const file = await writeGif({
        frames: shots.length,
        framesPerSecond: rate,
        frame: (index) => shots[index],
      });
      return [...new Uint8Array(await file.arrayBuffer())];
    },
    { seconds: SECONDS, rate: FRAMES_A_SECOND, side: SIDE },
  );
  await writeFile('demo/pictures/live.gif', Uint8Array.from(bytes));
  console.log(`demo/pictures/live.gif: ${bytes.length.toLocaleString('en')} bytes`);
});

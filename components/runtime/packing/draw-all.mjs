// What the profile runs: every network that the package carries, as elements use it, in a worker.

import './count-calls.js';

const { configure, DiffusionPipeline } = await import('/dist/pipeline.js');
const { searchParams } = new URL(import.meta.url);
// Nothing is remembered of one part for the next.
configure({ threads: Number(searchParams.get('threads')), cache: false });
const isBesideWebGpu = Boolean(await navigator.gpu?.requestAdapter());
// Not the device itself, which the rest is there for.
if (isBesideWebGpu)
  GPUAdapter.prototype.requestDevice = () => Promise.reject(new Error('None here.'));
const channel = new BroadcastChannel('profile');
/** Pictures at once: few, and what is drawn in several batches. */
const COUNTS = [1, 2, 3, 4, 8, 16];

const load = (model, options) => DiffusionPipeline.fromPretrained(model, options);
const grey = (side) => ({
  width: side,
  height: side,
  data: new Uint8ClampedArray(4 * side * side).fill(128),
});
const half = (side) => {
  const mask = grey(side);
  mask.data.forEach((_, i) => (mask.data[i] = i % 4 === 3 || i < mask.data.length / 2 ? 255 : 0));
  return mask;
};

async function drawClothes(dtype) {
  const clothes = { steps: 2, seed: 1, label: 3 };
  const image = grey(28);
  const model = await load('fashion-mnist', { dtype });
  for (const count of COUNTS) await model.generate({ ...clothes, count });
  await model.generate({ steps: 2, guidanceScale: 1 });
  await model.generate({ ...clothes, guidanceScale: 1 });
  await model.generate({ ...clothes, classifierScale: 2 });
  await model.generate({ ...clothes, classifierScale: 2, count: 5 });
  await model.generate({ ...clothes, image, mask: half(28), resamplings: 1 });
  await model.dispose();
  const few = await load('fashion-mnist-turbo', { dtype });
  for (const count of COUNTS) await few.generate({ ...clothes, count });
  await few.dispose();
}

async function drawWords(options) {
  const words = await load('emoji', options);
  const image = grey(64);
  const drawing = { steps: 2, seed: 1, prompt: 'a red fox beside two mushrooms' };
  for (const count of COUNTS) await words.generate({ ...drawing, count });
  await words.generate({ ...drawing, prompt: '' });
  await words.generate({ ...drawing, guidanceScale: 1, attention: true });
  await words.generate({ ...drawing, attention: true, count: 2 });
  await words.generate({
    ...drawing,
    negativePrompt: 'blue',
    onStep: (step) => step.preview('x0'),
  });
  await words.generate({ ...drawing, prompt: ['a', 'b', 'c'] });
  await words.generate({ ...drawing, image });
  await words.generate({ ...drawing, image, mask: half(64) });
  await words.generate({ ...drawing, image, expand: { side: 'right', amount: 16 } });
  await words.generate({ ...drawing, interpolation: { between: [1, 2], at: [0.5] } });
  await words.dispose();
  const few = await load('emoji-turbo', options);
  for (const count of COUNTS) await few.generate({ steps: 2, prompt: drawing.prompt, count });
  await few.generate({ prompt: drawing.prompt, image });
  await few.dispose();
}

try {
  for (const dtype of [undefined, 'q8']) await drawClothes(dtype);
  // Parts that are loaded one by one run in the build for CPUs.
  const more = isBesideWebGpu ? [] : [{ memory: 'low' }];
  for (const options of [{}, { dtype: 'q8' }, ...more]) await drawWords(options);
  channel.postMessage('done');
} catch (error) {
  channel.postMessage(`failed: ${error.stack}`);
}

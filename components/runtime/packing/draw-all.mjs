// What the profile runs: every network that the package carries, as elements use it.

import { DiffusionPipeline } from '../../../dist/node/pipeline.js';

const fromPretrained = (model, options) =>
  DiffusionPipeline.fromPretrained(`models/${model}`, { backend: 'wasm', ...options });
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

const clothes = { steps: 2, seed: 1, label: 3 };
for (const dtype of ['int8', 'q8']) {
  const model = await fromPretrained('fashion-mnist', { dtype });
  const image = grey(28);
  for (const count of [1, 2, 3, 4, 8, 9, 16, 64]) await model.generate({ ...clothes, count });
  await model.generate({ steps: 2, guidanceScale: 1 });
  await model.generate({ ...clothes, guidanceScale: 1 });
  await model.generate({ ...clothes, classifierScale: 2 });
  await model.generate({ ...clothes, classifierScale: 2, count: 5 });
  await model.generate({ ...clothes, image, mask: half(28), resamplings: 1 });
  await model.dispose();
  const few = await fromPretrained('fashion-mnist-turbo', { dtype });
  for (const count of [1, 2, 3, 4, 8, 9, 16, 64]) await few.generate({ ...clothes, count });
  await few.dispose();
}
for (const options of [{}, { dtype: 'q8' }, { memory: 'low' }]) {
  const words = await fromPretrained('emoji', options);
  const image = grey(64);
  const drawing = { steps: 2, seed: 1, prompt: 'a red fox beside two mushrooms' };
  for (const count of [1, 2, 3, 4, 8, 16]) await words.generate({ ...drawing, count });
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
}
process.exit();

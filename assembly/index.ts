// Every kernel the page can call. Pointers are byte offsets into linear memory, aligned to 16;
// lengths count float32 values. No kernel allocates; buffers may alias only where its comment says so.
export { heapBase, reserve } from './layout';
export { combine2, combine3, combine4, divide } from './elementwise';
export { blend } from './blend';
export { guide, rescaleGuidance } from './guidance';
export { addLearnedNoise, addRangeNoise, predictOriginal, step } from './step';
export { threshold } from './threshold';
export { seedGenerator, nextUint32, randn } from './random';
export { toRgba, fromRgba } from './pixels';
export { fromHalf, toHalf } from './half';
export { dot } from './reduce';
export { matmul, transpose } from './matrix';
export { adam, addBias, noisePoints, silu, siluBackward, sumRows } from './perceptron';

// What a model of several networks costs beside its bare networks, and what it takes to load a large one.
import { readFile } from 'node:fs/promises';
import * as ort from 'onnxruntime-web/wasm';
import { ArenaTensor } from '../../components/kernels/arena.js';
import { kernels } from '../../components/kernels/kernels.js';
import { DiffusionPipeline } from '../../components/pipelines/index.js';
import { atLeast, atMost, plain, ratio, time, type Row } from './measure.js';

const folder = 'models/emoji';
const STEPS = 20;
const options = {
  prompt: 'a red fox',
  negativePrompt: '',
  steps: STEPS,
  seed: 1,
  guidanceScale: 3,
};

async function bare(part: string, feeds: Record<string, ort.Tensor>) {
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(
    await readFile(`${folder}/${part}/model_quantized.onnx`),
  );
  const given = Object.fromEntries(session.inputNames.map((name) => [name, feeds[name]!]));
  return () => session.run(given);
}

const floats = (...dims: number[]) => {
  const length = dims.reduce((a, b) => a * b);
  return new ort.Tensor('float32', new Float32Array(length).fill(0.5), dims);
};

/** `generate` over the sum of bare runs: two prompts, twenty steps with guidance, one decoding. */
export async function benchText(): Promise<Row[]> {
  const config = JSON.parse(await readFile(`${folder}/unet/config.json`, 'utf8'));
  const text = JSON.parse(await readFile(`${folder}/text_encoder/config.json`, 'utf8'));
  const tokens = text.max_position_embeddings as number;
  const { in_channels: channels, sample_size: size, cross_attention_dim: width } = config;
  const ids = new ort.Tensor('int64', new BigInt64Array(tokens), [1, tokens]);
  const encode = await bare('text_encoder', { input_ids: ids, attention_mask: ids });
  const denoise = await bare('unet', {
    sample: floats(2, channels, size, size),
    timestep: floats(2),
    encoder_hidden_states: floats(2, tokens, width),
  });
  const decode = await bare('vae_decoder', { latent_sample: floats(1, channels, size, size) });
  const pipeline = await DiffusionPipeline.fromPretrained(folder, { dtype: 'q8' });
  const all = async () => {
    await encode();
    await encode();
    for (let i = 0; i < STEPS; i++) await denoise();
    await decode();
  };
  const measured = await ratio(() => pipeline.generate(options), all, 7);
  await pipeline.dispose();
  const what = `generate from words over bare runs: 2 prompts, ${STEPS} steps with guidance, decoding`;
  return [
    atMost(what, measured.ratio, 1.03),
    plain('encoding a prompt, ms', await time(encode)),
    plain('a U-Net run of two rows, ms', await time(denoise)),
    plain('decoding a picture, ms', await time(decode)),
  ];
}

/** IEEE 754 binary16 from float32, to the nearest, on ordinary arrays. */
function plainToHalf(x: Float32Array, bits: Uint32Array, out: Uint16Array): void {
  bits.set(new Uint32Array(x.buffer, x.byteOffset, x.length));
  for (let i = 0; i < out.length; i++) {
    const word = bits[i]!;
    const sign = (word >>> 16) & 0x8000;
    const exponent = ((word >>> 23) & 0xff) - 112;
    const mantissa = word & 0x7fffff;
    if (exponent <= 0) {
      if (exponent < -10) {
        out[i] = sign;
        continue;
      }
      const full = mantissa | 0x800000;
      const shift = 14 - exponent;
      const half = full >>> shift;
      const rest = full & ((1 << shift) - 1);
      const middle = 1 << (shift - 1);
      out[i] = sign | (half + (rest > middle || (rest === middle && half & 1) ? 1 : 0));
    } else if (exponent >= 31) {
      out[i] = sign | 0x7c00 | (exponent === 143 && mantissa ? 0x200 : 0);
    } else {
      const half = (exponent << 10) | (mantissa >>> 13);
      const rest = mantissa & 0x1fff;
      out[i] = sign | (half + (rest > 0x1000 || (rest === 0x1000 && half & 1) ? 1 : 0));
    }
  }
}

function plainFromHalf(halves: Uint16Array, out: Float32Array): void {
  for (let i = 0; i < out.length; i++) {
    const half = halves[i]!;
    const sign = half & 0x8000 ? -1 : 1;
    const exponent = (half >>> 10) & 31;
    const mantissa = half & 1023;
    if (exponent === 0) out[i] = sign * mantissa * 2 ** -24;
    else if (exponent === 31) out[i] = mantissa ? NaN : sign * Infinity;
    else out[i] = sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
  }
}

const REPEATS = 200;
const repeated = (task: () => void) => () => {
  for (let i = 0; i < REPEATS; i++) task();
};

/** Conversions between float32 and float16, over the latents of a 512 x 512 picture with guidance. */
export async function benchHalves(): Promise<Row[]> {
  const length = 2 * 4 * 64 * 64;
  const k = kernels();
  const [floats32, halves] = [new ArenaTensor([length]), new ArenaTensor([length / 2])];
  const x = Float32Array.from({ length }, (_, i) => Math.sin(i) * 2 ** ((i % 20) - 10));
  floats32.data.set(x);
  const [bits, out16, out32] = [new Uint32Array(length), new Uint16Array(length), x.slice()];
  const to = await ratio(
    repeated(() => plainToHalf(x, bits, out16)),
    repeated(() => k.toHalf(halves.pointer, floats32.pointer, length)),
    21,
  );
  const from = await ratio(
    repeated(() => plainFromHalf(out16, out32)),
    repeated(() => k.fromHalf(floats32.pointer, halves.pointer, length)),
    21,
  );
  floats32.release();
  halves.release();
  return [
    atLeast('float32 to float16, times as fast as JavaScript', to.ratio, 4),
    atLeast('float16 to float32, times as fast as JavaScript', from.ratio, 4),
  ];
}

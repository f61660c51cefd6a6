// Writes a folder with a U-Net of some 200 MB of random weights, and tells in a process of its own what loading it takes.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { atMost, plain, type Row } from './measure.js';

const SIDE = 1024;
const LAYERS = 50;
const bytesOfLayer = 4 * SIDE * SIDE;

const varint = (value: number): Buffer => {
  const bytes: number[] = [];
  for (; value >= 128; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
  return Buffer.from([...bytes, value]);
};
const number = (field: number, value: number) => Buffer.concat([varint(field * 8), varint(value)]);
const nested = (field: number, ...parts: (Buffer | string)[]) => {
  const content = Buffer.concat(parts.map((part) => Buffer.from(part)));
  return Buffer.concat([varint(field * 8 + 2), varint(content.length), content]);
};
const node = (op: string, inputs: string[], output: string, ...attributes: Buffer[]) =>
  nested(
    1,
    ...inputs.map((name) => nested(1, name)),
    nested(2, output),
    nested(4, op),
    ...attributes.map((attribute) => nested(5, attribute)),
  );
const integer = (name: string, value: number) =>
  Buffer.concat([nested(1, name), number(3, value), number(20, 2)]);
const port = (field: number, name: string, dims: (number | string)[]) => {
  const shape = dims.map((dim) =>
    nested(1, typeof dim === 'number' ? number(1, dim) : nested(2, dim)),
  );
  return nested(field, nested(1, name), nested(2, nested(1, number(1, 1), nested(2, ...shape))));
};
/** A tensor's fields up to its bytes. */
const tensor = (name: string, type: number, dims: number[], size: number) =>
  Buffer.concat([
    ...dims.map((dim) => number(1, dim)),
    number(2, type),
    nested(8, name),
    varint(9 * 8 + 2),
    varint(size),
  ]);

/** sample [N, 1, 32, 32] and timestep [N] to out_sample, through a chain of matrices. */
async function writeModel(folder: string): Promise<number> {
  await mkdir(join(folder, 'unet'), { recursive: true });
  const config = { _class_name: 'UNet2DModel', in_channels: 1, sample_size: 32 };
  await writeFile(join(folder, 'unet/config.json'), JSON.stringify(config));
  await writeFile(join(folder, 'model_index.json'), '{"_class_name":"DDIMPipeline"}');
  const shape = Buffer.from(BigInt64Array.of(-1n, 1n, 32n, 32n).buffer);
  const zero = Buffer.from(Float32Array.of(0).buffer);
  const names = Array.from({ length: LAYERS }, (_, i) => `w${i}`);
  const before = Buffer.concat([
    node('Flatten', ['sample'], 'h0', integer('axis', 1)),
    ...names.map((name, i) => node('MatMul', [`h${i}`, name], `h${i + 1}`)),
    node('ReduceSum', ['timestep'], 'time', integer('keepdims', 0)),
    node('Mul', ['time', 'zero'], 'none'),
    node('Add', [`h${LAYERS}`, 'none'], 'y'),
    node('Reshape', ['y', 'shape'], 'out_sample'),
    nested(2, 'graph'),
    nested(5, tensor('shape', 7, [4], shape.length), shape),
    nested(5, tensor('zero', 1, [], zero.length), zero),
  ]);
  const after = Buffer.concat([
    port(11, 'sample', ['N', 1, 32, 32]),
    port(11, 'timestep', ['N']),
    port(12, 'out_sample', ['N', 1, 32, 32]),
  ]);
  const heads = names.map((name) => {
    const head = tensor(name, 1, [SIDE, SIDE], bytesOfLayer);
    return Buffer.concat([varint(5 * 8 + 2), varint(head.length + bytesOfLayer), head]);
  });
  const weights = heads.reduce((sum, head) => sum + head.length + bytesOfLayer, 0);
  const size = before.length + weights + after.length;
  const file = await open(join(folder, 'unet/model.onnx'), 'w');
  await file.write(Buffer.concat([number(1, 8), varint(7 * 8 + 2), varint(size), before]));
  const values = new Float32Array(SIDE * SIDE);
  for (const head of heads) {
    for (let i = 0; i < values.length; i++) values[i] = (Math.random() - 0.5) / 10;
    await file.write(head);
    await file.write(Buffer.from(values.buffer));
  }
  await file.write(Buffer.concat([after, nested(8, number(2, 17))]));
  await file.close();
  return LAYERS * bytesOfLayer;
}

/** Resident memory at its highest while the model loads on WASM, above what there was before, over its weights. */
export async function benchLoading(): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'diffusion-elements-'));
  try {
    const weights = await writeModel(folder);
    const script = new URL('load-large.ts', import.meta.url).pathname;
    const { stdout } = await promisify(execFile)('node', ['--import', 'tsx', script, folder]);
    const { peak, seconds } = JSON.parse(stdout);
    return [
      atMost('memory while a model of 210 MB loads, over its weights', peak / weights, 1.2),
      plain('loading it from disk, s', seconds),
    ];
  } finally {
    await rm(folder, { recursive: true });
  }
}

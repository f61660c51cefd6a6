import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { decode } from 'fast-png';

const cli = (...args: string[]) => promisify(execFile)('node', ['dist/node/cli.js', ...args]);

describe('the command line', () => {
  it('draws a grid of the size asked for, the same for the same seed', async function () {
    this.timeout(60_000);
    const folder = await mkdtemp(join(tmpdir(), 'diffusion-elements-'));
    const draw = async (name: string) => {
      const out = join(folder, name);
      const options = ['--count', '3', '--steps', '2', '--seed', '5', '--scale', '2', '--out', out];
      const { stderr } = await cli('generate', '--label', 'sneaker', ...options);
      expect(stderr)
        .to.match(/step 2 of 2/)
        .and.to.match(/seed 5, wasm int8/);
      return decode(await readFile(out));
    };
    const first = await draw('a.png');
    expect([first.width, first.height]).to.deep.equal([2 * 2 * 28, 2 * 2 * 28]);
    expect((await draw('b.png')).data).to.deep.equal(first.data);
    await rm(folder, { recursive: true });
  });

  it('draws from words, and from a picture with a hole', async function () {
    this.timeout(60_000);
    const folder = await mkdtemp(join(tmpdir(), 'diffusion-elements-'));
    const [fox, changed] = ['fox.png', 'changed.png'].map((name) => join(folder, name));
    const model = ['--model', 'models/emoji', '--steps', '2', '--seed', '1'];
    await cli('generate', ...model, '--prompt', 'a red fox', '--scale', '1', '--out', fox!);
    const { width, height, data } = decode(await readFile(fox!));
    expect([width, height]).to.deep.equal([64, 64]);
    expect(new Set(data).size).to.be.above(50);
    const from = ['--image', fox!, '--strength', '0.5', '--prompt', 'a blue fox'];
    await cli('generate', ...model, ...from, '--scale', '1', '--out', changed!);
    expect(decode(await readFile(changed!)).data).not.to.deep.equal(data);
    const bad = await cli('generate', ...model, '--image', 'package.json').catch((error) => error);
    expect(bad.stderr).to.equal('package.json is no PNG picture.\n');
    await rm(folder, { recursive: true });
  });

  it('says what is wrong and exits with 1', async () => {
    const bad = await cli('generate', '--steps', 'banana').catch((error) => error);
    expect(bad.code).to.equal(1);
    expect(bad.stderr).to.equal('--steps is "banana", but must be a number.\n');
    const missing = await cli('generate', '--model', 'nowhere').catch((error) => error);
    expect(missing.stderr).to.match(/nowhere.*model_index\.json/);
  });

  it('prints its usage when asked, or when it does not understand', async () => {
    expect((await cli('--help')).stdout).to.match(/^Usage: diffusion-elements generate/);
    expect((await cli()).stdout).to.match(/--guidance-scale/);
    for (const line of [['coppy', 'x'], ['copy'], ['copy', 'a', 'b'], ['generate', 'x']]) {
      const mistaken = await cli(...line).catch((error) => error);
      expect(mistaken.code, line.join(' ')).to.equal(1);
      expect(mistaken.stderr).to.match(/^This can't be understood: .*Usage/s);
    }
  });

  it("writes a model folder's files.json, with which it is still drawn", async function () {
    this.timeout(60_000);
    const folder = await mkdtemp(join(tmpdir(), 'diffusion-elements-'));
    await cp('test/golden/pipelines/external', folder, { recursive: true });
    await cli('manifest', folder);
    const files = JSON.parse(await readFile(join(folder, 'files.json'), 'utf8'));
    expect(Object.keys(files)).to.include.members(['unet/model.onnx', 'unet/model.onnx_data']);
    const out = join(folder, 'apples.png');
    await cli('generate', '--model', folder, '--prompt', 'apples', '--steps', '1', '--out', out);
    expect(decode(await readFile(out)).width).to.equal(4 * 16);
    await writeFile(join(folder, 'unet/model.onnx_data'), 'damaged');
    const bad = await cli('generate', '--model', folder, '--out', out).catch((error) => error);
    expect(bad.stderr).to.match(/is not the file that was published/);
    await rm(folder, { recursive: true });
  });

  it('copies what a page fetches, all of it or what WASM needs', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'diffusion-elements-'));
    await cli('copy', join(folder, 'all'));
    await cli('copy', join(folder, 'wasm'), '--wasm-only');
    const list = async (name: string) =>
      (await readdir(join(folder, name), { recursive: true })).filter((file) =>
        /\.\w+$/.test(file),
      );
    const [all, wasm] = [await list('all'), await list('wasm')];
    expect(wasm).to.have.members([
      'worker.js',
      'runtime/wasm.js',
      'runtime/wasm.bin',
      'runtime/wasm-rest.bin',
      'runtime/tokenizers.js',
      'models/emoji/text_encoder/model_quantized.onnx',
      'models/emoji/tokenizer/tokenizer.bin',
      'models/emoji/unet/model_int8.onnx',
      'models/emoji/vae_decoder/model_quantized.onnx',
      'models/emoji/vae_encoder/model_quantized.onnx',
      'models/emoji-turbo/unet/model_int8.onnx',
      'models/fashion-mnist/classifier/model_quantized.onnx',
      'models/fashion-mnist/unet/model_int8.onnx',
      'models/fashion-mnist-turbo/unet/model_int8.onnx',
    ]);
    expect(all).to.include.members([
      ...wasm,
      'runtime/jspi.bin',
      'diffusion-elements.js',
      'lazy/chart-geometry.js',
    ]);
    await rm(folder, { recursive: true });
  });
});

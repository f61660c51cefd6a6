import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { DiffusionPipeline } from 'diffusion-elements/pipeline';
import { compareWithGolden } from '../helpers/golden-pipelines.js';

const golden = 'test/golden/pipelines';

type Json = Record<string, unknown>;

describe('a model folder in Node', function () {
  this.timeout(60_000);
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'diffusion-elements-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const take = (name: string) => cp(join(golden, name), folder, { recursive: true });

  /** Changes a JSON file of the folder. */
  async function edit(file: string, change: (json: Json) => Json): Promise<void> {
    const path = join(folder, file);
    await writeFile(path, JSON.stringify(change(JSON.parse(await readFile(path, 'utf8')))));
  }

  const load = () => DiffusionPipeline.fromPretrained(folder, { backend: 'wasm' });
  const failure = async (task: () => Promise<unknown>) => {
    const error = await task().then(
      () => undefined,
      (reason) => reason,
    );
    expect(error?.message, 'an error').to.be.a('string');
    return `${error.code}: ${error.message}`;
  };
  const draw = async () => {
    const pipeline = await load();
    try {
      return await pipeline.generate({ prompt: 'apples', steps: 1, seed: 1 });
    } finally {
      await pipeline.dispose();
    }
  };

  it('draws what diffusers draws', async () => {
    for (const [name, cases] of Object.entries({
      'sd-like': ['text-to-image', 'image-to-image'],
      external: ['text-to-image'],
      'sdxl-like': ['negative-and-sizes'],
    })) {
      const pipeline = await DiffusionPipeline.fromPretrained(join(golden, name), {
        backend: 'wasm',
      });
      for (const each of cases) {
        const expected = JSON.parse(await readFile(join(golden, name, `${each}.json`), 'utf8'));
        const { latents, picture } = await compareWithGolden(pipeline, expected);
        expect(latents, `${name} ${each}`).to.be.below(1e-3);
        expect(picture, `${name} ${each}`).to.be.at.most(1);
      }
      await pipeline.dispose();
    }
  });

  it('reads a configuration as Python writes it', async () => {
    await take('sd-small');
    const config = join(golden, 'sd-small/text-to-image-dpm.scheduler_config.json');
    const text = await readFile(config, 'utf8');
    expect(text).to.contain(': -Infinity');
    await writeFile(join(folder, 'scheduler/scheduler_config.json'), text);
    expect((await draw()).images).to.have.length(1);
  });

  for (const [what, file, change, expected] of [
    [
      'a kind of denoiser that is not known',
      'unet/config.json',
      (json: Json) => ({ ...json, _class_name: 'FluxTransformer2DModel' }),
      /^unsupported-model: The model's unet can't be run here: it is a FluxTransformer2DModel/,
    ],
    [
      'embeddings of another kind',
      'unet/config.json',
      (json: Json) => ({ ...json, addition_embed_type: 'image_hint' }),
      /^unsupported-model: .*addition_embed_type is "image_hint"/,
    ],
    [
      'a text encoder of another kind',
      'text_encoder/config.json',
      (json: Json) => ({ ...json, architectures: ['T5EncoderModel'] }),
      /^unsupported-model: .*text_encoder can't be run here: it is a T5EncoderModel/,
    ],
    [
      'an autoencoder of another kind',
      'vae_decoder/config.json',
      (json: Json) => ({ ...json, _class_name: 'AutoencoderKLTemporalDecoder' }),
      /^unsupported-model: .*vae_decoder can't be run here/,
    ],
    [
      'a control network',
      'model_index.json',
      (json: Json) => ({ ...json, controlnet: ['diffusers', 'ControlNetModel'] }),
      /^unsupported-model: .*control networks/,
    ],
    [
      'text of another width',
      'text_encoder/config.json',
      (json: Json) => ({ ...json, hidden_size: 1024 }),
      /^model-invalid: The denoiser reads text \d+ wide.*1024/,
    ],
    [
      'latents of another number of channels',
      'vae_decoder/config.json',
      (json: Json) => ({ ...json, latent_channels: 16 }),
      /^model-invalid: unet\/config\.json has in_channels 4.*16 latent channels/,
    ],
  ] as const) {
    it(`says so of ${what}, before any weights are fetched`, async () => {
      await take('sd-small');
      await edit(file, change);
      await rm(join(folder, 'unet/model.onnx'));
      expect(await failure(load)).to.match(expected);
    });
  }

  for (const part of ['unet', 'text_encoder', 'vae_decoder']) {
    it(`says which part is missing: ${part}`, async () => {
      await take('sd-small');
      await rm(join(folder, part, 'model.onnx'));
      expect(await failure(load)).to.match(
        new RegExp(`^unsupported-model: .*has no ${part} as .*model\\.onnx`),
      );
      await rm(join(folder, part), { recursive: true });
      expect(await failure(load)).to.match(
        new RegExp(`^model-invalid: .*has no ${part}/config\\.json`),
      );
    });
  }

  it('says so of a tokenizer that is missing, broken, or of another model', async () => {
    await take('sd-small');
    await edit('text_encoder/config.json', (json) => ({ ...json, vocab_size: 100 }));
    expect(await failure(draw)).to.match(
      /^model-invalid: The tokenizer gives the token \d+, and the text_encoder knows 100/,
    );
    await writeFile(join(folder, 'tokenizer/tokenizer.json'), '{"model": {}}');
    expect(await failure(draw)).to.match(/^model-invalid: The model's tokenizer can't be read/);
    await rm(join(folder, 'tokenizer'), { recursive: true });
    expect(await failure(draw)).to.match(
      /^model-invalid: The model's tokenizer can't be read \(it has neither/,
    );
  });

  it('says so of weights beside a graph that are missing, or lie elsewhere', async () => {
    await take('external');
    await rm(join(folder, 'unet/model.onnx_data'));
    expect(await failure(load)).to.match(/^model-not-found: .*model\.onnx_data/);
  });

  it('says so of weights that are too large, before they are fetched', async () => {
    await take('external');
    const sha256 = 'a'.repeat(64);
    const files = {
      'unet/model.onnx': { size: 1000, sha256 },
      'unet/model.onnx_data': { size: 5e9, sha256 },
    };
    await writeFile(join(folder, 'files.json'), JSON.stringify(files));
    expect(await failure(load)).to.match(/^out-of-memory: unet\/model\.onnx has 5\.0 GB/);
  });

  it('says which sizes a graph of one size draws', async () => {
    await take('fixed-1');
    const pipeline = await load();
    const error = await failure(() => pipeline.generate({ prompt: 'apples', width: 32, steps: 1 }));
    expect(error).to.match(/^invalid-option: width is .*exported for/);
    expect((await pipeline.generate({ prompt: 'apples', steps: 1 })).images[0]!.width).to.equal(16);
    await pipeline.dispose();
  });

  it('needs a picture and a mask to inpaint with nine channels', async () => {
    await take('inpaint-like');
    const pipeline = await load();
    expect(await failure(() => pipeline.generate({ prompt: 'apples', steps: 1 }))).to.match(
      /^invalid-option: mask is undefined, but must be given/,
    );
    await pipeline.dispose();
  });
});

import { expect } from 'chai';
import fc from 'fast-check';
import { DiffusionError } from '../../components/errors.js';
import { resolveOptions, type GenerateOptions } from '../../components/pipelines/options.js';
import { runsWithin } from '../../components/pictures/cost.js';
import { parseExpansion } from '../../components/pictures/expand.js';
import { maskPreset } from '../../components/pictures/mask-presets.js';
import { configure } from '../../components/runtime/configure.js';
import { checkDtype } from '../../components/runtime/dtypes.js';
import { checkManifest } from '../../components/runtime/manifest.js';
import { fileUrl, folderUrl } from '../../components/runtime/model-address.js';
import { checkBackend } from '../../components/runtime/network.js';
import {
  createScheduler,
  schedulerByName,
  schedulerNames,
} from '../../components/schedulers/create-scheduler.js';
import { Host } from '../../components/worker/host.js';
import type { FromHost, ToHost } from '../../components/worker/protocol.js';

const RUNS = 10_000;
/** The same cases each time, unless FUZZ_SEED names others. */
const seed = Number(process.env['FUZZ_SEED'] ?? 1);
const SECOND = 1000;

const traits = {
  width: 28,
  height: 28,
  channels: 1,
  sizeMultiple: 0,
  labels: ['bag', 'coat'],
  takesPrompt: false,
  promptSuggestions: [],
  promptStyles: [],
  givesAttention: false,
  overlaysMasks: false,
  fewSteps: undefined,
  needsGuidanceAbove: undefined,
  embedsGuidance: false,
  hasClassifier: true,
  trainSteps: 1000,
  defaultScheduler: 'ddim',
  defaultSteps: 10,
  defaultGuidanceScale: 1,
};

/** Names that every object has, or that mean something to someone. */
const awkward = fc.constantFrom(
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', '', ' ', '0', '-1', '1e400', 'NaN'],
  ...['javascript:alert(1)', 'data:text/html,x', '../../x', '<img onerror=x>', 'null', '\u0000'],
);
const text = fc.oneof(awkward, fc.string());
const value = fc.oneof(
  text,
  fc.double(),
  fc.integer(),
  fc.bigInt(),
  fc.boolean(),
  fc.constantFrom(null, undefined, [], {}),
);

/** Fails unless the task succeeds or throws what is documented. */
async function onlyDocumented(task: () => unknown): Promise<void> {
  try {
    await task();
  } catch (error) {
    expect(error, `${(error as Error).stack}`).to.be.instanceOf(DiffusionError);
    expect((error as Error).message).to.match(/\S/);
  }
}

const property = <T>(arbitrary: fc.Arbitrary<T>, task: (given: T) => unknown, numRuns = RUNS) =>
  fc.assert(
    fc.asyncProperty(arbitrary, (given) => onlyDocumented(() => task(given))),
    { numRuns, seed },
  );

describe('whatever is given, only documented errors come back', function () {
  this.timeout(120 * SECOND);

  it('to the options of a run', async () => {
    const keys = [
      ...['label', 'guidanceScale', 'guidanceRescale', 'strength', 'resamplings', 'jumpLength'],
      ...[
        'scheduler',
        'steps',
        'eta',
        'seed',
        'count',
        'expand',
        'classifierScale',
        'interpolation',
        'attention',
        'overlay',
      ],
    ];
    const options = fc.dictionary(fc.constantFrom(...keys), value, { maxKeys: 5 });
    await property(options, (given) => resolveOptions(given as GenerateOptions, traits));
    const textKeys = ['prompt', 'negativePrompt', 'prompt2', 'promptEmbeds', 'originalSize'];
    const sized = [
      ...textKeys,
      'width',
      'height',
      'targetSize',
      'cropsCoordsTopLeft',
      'seed',
      'count',
    ];
    const ofText = fc.dictionary(fc.constantFrom(...sized), value, { maxKeys: 5 });
    const textual = {
      ...traits,
      labels: [],
      sizeMultiple: 8,
      takesPrompt: true,
      needsGuidanceAbove: 1,
    };
    await property(ofText, (given) => resolveOptions(given as GenerateOptions, textual));
  });

  it('to names and texts', async () => {
    const readers = [
      schedulerByName,
      checkDtype,
      checkBackend,
      parseExpansion,
      (given: string) => maskPreset(given, 4, 4),
      (given: string) => runsWithin(given, 10),
      (given: string) => folderUrl(given, 'https://example.com/page'),
    ];
    const given = fc.tuple(fc.constantFrom(...readers), text);
    await property(given, ([read, words]) => read(words as never));
  });

  it('to the configuration of a scheduler', async () => {
    const classes = schedulerNames.map((name) => schedulerByName(name)._class_name);
    const keys = [
      ...['num_train_timesteps', 'beta_start', 'beta_end', 'beta_schedule', 'prediction_type'],
      ...['timestep_spacing', 'steps_offset', 'trained_betas', 'solver_order', 'algorithm_type'],
      ...['final_sigmas_type', 'use_karras_sigmas', 'sigma_min', 'sigma_max', 'variance_type'],
      ...['clip_sample', 'clip_sample_range', 'thresholding', 'dynamic_thresholding_ratio'],
      ...['rescale_betas_zero_snr', 'shift', 'eta', '__proto__', 'constructor'],
    ];
    const config = fc.tuple(
      fc.oneof(fc.constantFrom(...classes), text),
      fc.dictionary(fc.constantFrom(...keys), value, { maxKeys: 4 }),
    );
    await property(config, async ([_class_name, given]) => {
      const scheduler = await createScheduler({ num_train_timesteps: 20, ...given, _class_name });
      scheduler.release();
    });
  });

  it('to a manifest, and no file of a folder lies outside it', async () => {
    const entry = fc.oneof(value, fc.record({ size: value, sha256: value }));
    await property(fc.dictionary(text, entry), (manifest) => {
      const files = checkManifest(manifest);
      for (const { size } of Object.values(files)) expect(size).to.be.within(0, 2 ** 53);
    });
    const folder = folderUrl('https://example.com/models/a?v=2');
    for (const file of ['files.json', 'unet/model.onnx']) {
      expect(fileUrl(folder, file).href).to.equal(`https://example.com/models/a/${file}?v=2`);
    }
  });

  it('to the host of a worker, which answers every request once', async () => {
    const request = fc.record(
      { model: text, backend: value, dtype: value, options: value },
      { requiredKeys: ['model'] },
    );
    const message = fc.record({
      type: fc.constantFrom('describe', 'load', 'generate'),
      id: fc.integer(),
      request,
      preview: fc.constant('none'),
    });
    await fc.assert(
      fc.asyncProperty(message, async (given) => {
        const answers = await new Promise<FromHost[]>((resolve) => {
          const posted: FromHost[] = [];
          const host = new Host((answer) => {
            posted.push(answer);
            setImmediate(resolve, posted);
          });
          // A bundled model would be drawn.
          const model = `nowhere/${given.request.model}`;
          host.receive({ ...given, request: { ...given.request, model } } as unknown as ToHost);
        });
        expect(answers).to.have.length(1);
        const [answer] = answers;
        expect(answer!.type).to.equal('error');
        const { error } = answer as { error: { code?: string; message: string } };
        expect(error.code, error.message).to.be.a('string');
      }),
      { numRuns: 2000, seed },
    );
  });

  it('to configure()', async () => {
    const keys = ['cache', 'threads', 'stallTimeout', 'baseUrl', 'runtimeUrl'];
    await property(fc.dictionary(fc.constantFrom(...keys), value), (given) => configure(given));
  });
});

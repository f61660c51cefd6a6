// Runs a network once in a worker, which has the core of the runtime alone where it is told that the core suffices.
import { Session } from '../../components/runtime/session.js';
import { changeSettings } from '../../components/runtime/settings.js';

export interface Question {
  readonly runtimeUrl: string;
  readonly stallTimeout: number;
  readonly model: Uint8Array;
  readonly isBundled: boolean;
  readonly optimized: boolean;
}

export interface Answer {
  readonly values?: Float32Array;
  readonly error?: string;
  /** How often the rest of the runtime was asked for. */
  readonly rests: number;
}

const arrays = { float32: Float32Array, int64: BigInt64Array, int32: Int32Array };

const asked = () =>
  performance.getEntriesByType('resource').filter(({ name }) => name.includes('wasm-rest')).length;

async function answer(question: Question): Promise<Answer> {
  const { runtimeUrl, stallTimeout, model, ...options } = question;
  changeSettings({ runtimeUrl, stallTimeout, cache: false });
  try {
    const session = await Session.create(model, 'wasm', 'fp32', options);
    const feeds = session.inputs.map(({ name, type, shape }) => {
      const dims = shape.map((size) => (typeof size === 'number' ? size : 1));
      const size = dims.reduce((product, each) => product * each, 1);
      return [name, { data: new arrays[type as keyof typeof arrays](size), dims }];
    });
    const outputs = await session.run(Object.fromEntries(feeds));
    const [output] = Object.values(outputs);
    return { values: output!.data as Float32Array, rests: asked() };
  } catch (error) {
    return { error: (error as Error).message, rests: asked() };
  }
}

addEventListener('message', ({ data }: MessageEvent<Question>) => {
  void answer(data).then((reply) => postMessage(reply));
});

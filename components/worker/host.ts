import { abortable, DiffusionError } from '../errors.js';
import { checkLoadOptions, DiffusionPipeline } from '../pipelines/diffusion-pipeline.js';
import { readModelPlan, type ModelPlan } from '../pipelines/model-plan.js';
import { resolveOptions, type StepInfo } from '../pipelines/options.js';
import type { GenerateResult } from '../pipelines/result.js';
import { watchDevice } from '../runtime/device-watch.js';
import type { LoadProgress } from '../runtime/progress.js';
import { changeSettings } from '../runtime/settings.js';
import {
  packError,
  transferables,
  type FromHost,
  type GenerateRequest,
  type ModelDescription,
  type ModelRequest,
  type PreviewKind,
  type StepPictures,
  type ToHost,
  type TrainRequest,
} from './protocol.js';
import { Pace } from './pace.js';
import { TrainingSession } from './training-session.js';

type Request = Exclude<ToHost, { type: 'abort' | 'settings' | 'pace' | 'steer' }>;
type Post = (message: FromHost, transfer: Transferable[]) => void;

/** A distilled model's first step is a picture already; another's is noise, which does not follow a hand. */
function previewsOf(
  { previews, allowed }: GenerateRequest,
  { fewSteps }: ModelDescription,
): readonly PreviewKind[] {
  if (previews !== 'auto') return previews;
  if (fewSteps) return ['x0'];
  return allowed === undefined ? ['sample'] : [];
}

/** A pipeline that loads or is loaded, shared by all requests for the same model. */
interface Entry {
  readonly pipeline: Promise<DiffusionPipeline>;
  readonly loading: AbortController;
  readonly listeners: Set<(progress: LoadProgress) => void>;
  users: number;
  loaded: boolean;
}

/** Models kept in memory while nobody uses them. */
const KEPT_MODELS = 2;

/** Owns the pipelines and answers requests; in the worker, or in the page where that is forbidden. */
export class Host {
  readonly #entries = new Map<string, Entry>();
  readonly #models = new Map<string, Promise<ModelPlan>>();
  readonly #running = new Map<number, AbortController>();
  readonly #paces = new Map<number, Pace>();
  readonly #trainings = new Map<number, TrainingSession>();

  constructor(readonly post: Post) {
    watchDevice((busy) => post({ type: 'device', busy }, []));
  }

  receive(message: ToHost): void {
    if (message.type === 'settings') changeSettings(message.settings);
    else if (message.type === 'abort') this.#running.get(message.id)?.abort();
    else if (message.type === 'pace') this.#paces.get(message.id)?.allow(message.steps);
    else if (message.type === 'steer') this.#trainings.get(message.id)?.steer(message.change);
    else void this.#answer(message);
  }

  async #answer(message: Request): Promise<void> {
    const { id } = message;
    const controller = new AbortController();
    this.#running.set(id, controller);
    try {
      this.post(...(await this.#run(message, controller.signal)));
    } catch (error) {
      this.post({ type: 'error', id, error: packError(error) }, []);
    } finally {
      this.#running.delete(id);
    }
  }

  async #run(message: Request, signal: AbortSignal): Promise<[FromHost, Transferable[]]> {
    const { id } = message;
    switch (message.type) {
      case 'describe':
        return [
          { type: 'described', id, value: await this.#describe(message.request, signal) },
          [],
        ];
      case 'load':
        await this.#use(id, message.request, signal, (pipeline) => pipeline.warmUp(signal));
        return [{ type: 'loaded', id, value: undefined }, []];
      case 'generate': {
        // Bad options are told before anything large is fetched.
        const { options } = message.request;
        const traits = await this.#describe(message.request, signal);
        const { steps, guidanceScale, scheduler } = resolveOptions(options, traits);
        const name = options.scheduler ?? traits.defaultScheduler;
        const resolved = {
          steps,
          guidanceScale,
          scheduler: typeof name === 'string' ? name : scheduler._class_name,
        };
        const request = { ...message.request, previews: previewsOf(message.request, traits) };
        const value = await this.#use(id, message.request, signal, async (pipeline) => {
          const result = await this.#generate(id, request, pipeline, signal);
          return { ...result, resolved, backendReason: pipeline.backendReason };
        });
        return [{ type: 'result', id, value }, transferables(value.images)];
      }
      case 'train':
        return this.#train(id, message.request, signal);
    }
  }

  async #train(id: number, request: TrainRequest, signal: AbortSignal): Promise<never> {
    const session = new TrainingSession(request, (report) =>
      this.post({ type: 'trained', id, report }, []),
    );
    this.#trainings.set(id, session);
    try {
      return await session.run(signal);
    } finally {
      this.#trainings.delete(id);
    }
  }

  async #describe({ model }: ModelRequest, signal: AbortSignal): Promise<ModelDescription> {
    return (await abortable(this.#open(model), signal)).traits;
  }

  /** A model's own description, read once; a read that failed is tried again next time. */
  #open(model: string): Promise<ModelPlan> {
    let opened = this.#models.get(model);
    if (!opened) {
      opened = readModelPlan(model);
      this.#models.set(model, opened);
      opened.catch(() => this.#models.delete(model));
    }
    return opened;
  }

  async #generate(
    id: number,
    { options, previews, allowed }: GenerateRequest & { previews: readonly PreviewKind[] },
    pipeline: DiffusionPipeline,
    signal: AbortSignal,
  ): Promise<GenerateResult> {
    const pace = new Pace(signal, allowed);
    this.#paces.set(id, pace);
    const onStep = ({ step, steps, timestep, preview, attention }: StepInfo) => {
      const pictures: StepPictures = Object.fromEntries(
        previews.map((kind) => [kind, preview(kind)]),
      );
      const words = options.attention && { attention: attention() };
      const report = { step, steps, timestep, previews: pictures, ...words };
      this.post({ type: 'step', id, report }, transferables(Object.values(pictures).flat()));
      return pace.next();
    };
    try {
      return await pipeline.generate({ ...options, signal, onStep });
    } finally {
      this.#paces.delete(id);
    }
  }

  /** Hands over the pipeline of a request, loading it first where it is not there. */
  async #use<T>(
    id: number,
    request: ModelRequest,
    signal: AbortSignal,
    task: (pipeline: DiffusionPipeline) => Promise<T>,
  ): Promise<T> {
    const { backend, dtype, memory } = checkLoadOptions(request);
    const key = JSON.stringify([request.model, backend, dtype, memory]);
    const entry = this.#entries.get(key) ?? this.#load(key, request);
    const listener = (progress: LoadProgress) => this.post({ type: 'progress', id, progress }, []);
    entry.listeners.add(listener);
    entry.users++;
    try {
      return await task(await abortable(entry.pipeline, signal));
    } catch (error) {
      // What was read of the folder does not fit: it is read anew next time.
      if (error instanceof DiffusionError && error.code === 'unsupported-model') {
        this.#forget(key, entry);
        this.#models.delete(request.model);
      }
      throw error;
    } finally {
      entry.listeners.delete(listener);
      entry.users--;
      if (!entry.loaded && entry.users === 0) entry.loading.abort();
      if (entry.loaded && entry.users === 0 && this.#entries.get(key) !== entry) free(entry);
      this.#evict(key);
    }
  }

  #load(key: string, { model, backend, dtype, memory }: ModelRequest): Entry {
    const loading = new AbortController();
    const listeners = new Set<(progress: LoadProgress) => void>();
    const onProgress = (progress: LoadProgress) =>
      listeners.forEach((listener) => listener(progress));
    const options = { backend, dtype, memory, signal: loading.signal, onProgress };
    const pipeline = this.#open(model).then((opened) => DiffusionPipeline.load(opened, options));
    const entry: Entry = { pipeline, loading, listeners, users: 0, loaded: false };
    this.#entries.set(key, entry);
    loading.signal.addEventListener('abort', () => this.#forget(key, entry));
    pipeline.then(
      () => (entry.loaded = true),
      () => this.#forget(key, entry),
    );
    return entry;
  }

  #forget(key: string, entry: Entry): void {
    if (this.#entries.get(key) === entry) this.#entries.delete(key);
  }

  /** Marks a model as the latest used, and frees the oldest unused ones above the limit. */
  #evict(key: string): void {
    const latest = this.#entries.get(key);
    if (latest) {
      this.#entries.delete(key);
      this.#entries.set(key, latest);
    }
    const unused = [...this.#entries].filter(([, { users }]) => users === 0);
    const excess = Math.max(0, unused.length - KEPT_MODELS);
    for (const [oldKey, old] of unused.slice(0, excess)) {
      this.#entries.delete(oldKey);
      free(old);
    }
  }
}

function free({ pipeline }: Entry): void {
  void pipeline.then((loaded) => loaded.dispose()).catch(() => undefined);
}

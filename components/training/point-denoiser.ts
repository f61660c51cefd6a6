import { ArenaTensor } from '../kernels/arena.js';
import { kernels } from '../kernels/kernels.js';
import { DDIMScheduler } from '../schedulers/ddim.js';
import { DDPMScheduler } from '../schedulers/ddpm.js';
import { TorchGenerator } from '../schedulers/generator.js';
import { alphasCumprodOf } from '../schedulers/noise-schedules.js';
import { readSchedulerConfig } from '../schedulers/scheduler-config.js';
import { Adam } from './adam.js';
import { Perceptron } from './perceptron.js';
import {
  checkIteration,
  checkTraining,
  LARGEST_BATCH,
  POINT_TIMESTEPS,
  type IterationDetail,
  type IterationSettings,
  type PointSampler,
  type PointTraining,
} from './training-options.js';

/** The betas are those of DDPM, ten times as large for a tenth of the timesteps. */
const config = {
  num_train_timesteps: POINT_TIMESTEPS,
  beta_start: 0.001,
  beta_end: 0.2,
  timestep_spacing: 'trailing',
  clip_sample: false,
};
/** Values that embed a timestep; with the point itself they make rows of 32. */
const EMBEDDING = 30;
const INPUTS = EMBEDDING + 2;
/** Rows that go through the network together at most. */
const ROOM = LARGEST_BATCH;

/**
 * A denoiser of points in the plane that learns as DDPM does (Ho et al. 2020, algorithm 1), and samples with what it has
 * learned (algorithm 2, or DDIM). The same seed gives the same numbers as PyTorch.
 */
export class PointDenoiser {
  readonly #points: Float32Array;
  readonly #generator: TorchGenerator;
  readonly #network: Perceptron;
  readonly #adam: Adam;
  readonly #indices = new Int32Array(ROOM);
  readonly #timesteps = new ArenaTensor([ROOM]);
  readonly #original = new ArenaTensor([ROOM, 2]);
  readonly #noise = new ArenaTensor([ROOM, 2]);
  readonly #input = new ArenaTensor([ROOM, INPUTS]);
  readonly #slope = new ArenaTensor([ROOM, 2]);
  /** alpha and sigma of each timestep, and a table of 1 and 0, for points that are noised already. */
  readonly #levels = new ArenaTensor([POINT_TIMESTEPS, 2]);
  readonly #untouched = new ArenaTensor([POINT_TIMESTEPS, 2]);
  readonly #embeddings = new ArenaTensor([POINT_TIMESTEPS, EMBEDDING]);
  #timestepView: Int32Array | undefined;
  /** The noise of a batch of the last size. */
  #batchNoise: ArenaTensor | undefined;
  /** Of the last iteration. */
  #rows = 0;
  /** Iterations so far. */
  iteration = 0;

  /** @throws DiffusionError `invalid-option` */
  constructor(training: PointTraining) {
    const { points, width, seed } = checkTraining(training);
    this.#points = points;
    this.#generator = new TorchGenerator(seed);
    this.#network = new Perceptron([INPUTS, width, width, width, 2], ROOM, this.#generator);
    this.#adam = new Adam(this.#network.parameters, this.#network.gradients);
    fillTables(this.#levels.data, this.#untouched.data, this.#embeddings.data);
  }

  /**
   * One iteration of algorithm 1; returns the loss, the mean of (noise - prediction)^2 over both coordinates.
   *
   * @throws DiffusionError `invalid-option`
   */
  iterate(settings: IterationSettings): number {
    const { learningRate, batchSize: rows } = checkIteration(settings);
    const k = kernels();
    this.#drawBatch(rows);
    k.noisePoints(
      this.#input.pointer,
      this.#original.pointer,
      this.#noise.pointer,
      this.#timesteps.pointer,
      this.#levels.pointer,
      this.#embeddings.pointer,
      rows,
      INPUTS,
    );
    const output = this.#network.forward(this.#input, rows).pointer;
    const slope = this.#slope.pointer;
    k.combine2(slope, output, 1 / rows, this.#noise.pointer, -1 / rows, 2 * rows);
    const loss = (k.dot(slope, slope, 2 * rows) * rows) / 2;
    this.#network.backward(this.#input, this.#slope, rows);
    this.#adam.step(learningRate);
    this.#rows = rows;
    this.iteration++;
    return loss;
  }

  /** What the last iteration did with its first points; to be asked before anything is drawn with the network. */
  detail(count: number): IterationDetail {
    const shown = Math.min(count, this.#rows);
    const slope = this.#slope.data;
    const noise = this.#noise.data.slice(0, 2 * shown);
    const input = this.#input.data;
    return {
      original: this.#original.data.slice(0, 2 * shown),
      noise,
      timesteps: this.#timestepNumbers.slice(0, shown),
      noised: noise.map((_, i) => input[(i >> 1) * INPUTS + (i & 1)]!),
      predicted: noise.map((value, i) => value + this.#rows * slope[i]!),
    };
  }

  /**
   * The direction in which the network would move points on a grid, away from the noise that it sees: x and y of each, rows
   * from -`extent` to `extent`.
   */
  field(timestep: number, side: number, extent: number): Float32Array {
    const grid = new ArenaTensor([side * side, 2]);
    const { data } = grid;
    const place = (index: number) => extent * ((2 * index) / (side - 1) - 1);
    for (let i = 0; i < side * side; i++) {
      data[2 * i] = place(i % side);
      data[2 * i + 1] = place(Math.floor(i / side));
    }
    this.#predict(grid, timestep, grid);
    const field = grid.data.map((value) => -value);
    grid.release();
    return field;
  }

  /** Points drawn from noise: x and y of `count` points before the first step, and after each. */
  sample(sampler: PointSampler, steps: number, count: number, seed: number): Float32Array {
    const Scheduler = sampler === 'ddpm' ? DDPMScheduler : DDIMScheduler;
    const scheduler = new Scheduler(readSchedulerConfig(config));
    scheduler.setTimesteps(steps);
    const generator = new TorchGenerator(seed);
    const [sample, output, predOriginalSample] = [0, 1, 2].map(
      () => new ArenaTensor([count, 2]),
    ) as [ArenaTensor, ArenaTensor, ArenaTensor];
    generator.fill(sample);
    const path = new Float32Array((steps + 1) * 2 * count);
    path.set(sample.data);
    const options = { generator, out: { prevSample: sample, predOriginalSample } };
    for (const [index, timestep] of scheduler.timesteps.entries()) {
      this.#predict(sample, timestep, output);
      scheduler.step(output, timestep, sample, options);
      path.set(sample.data, (index + 1) * 2 * count);
    }
    for (const each of [sample, output, predOriginalSample, scheduler, generator]) each.release();
    return path;
  }

  release(): void {
    const tensors = [this.#timesteps, this.#original, this.#noise, this.#input, this.#slope];
    const tables = [this.#levels, this.#untouched, this.#embeddings];
    const parts = [this.#network, this.#adam, this.#generator];
    for (const each of [...tensors, ...tables, ...parts]) each.release();
  }

  /** The timesteps as whole numbers; a view that is made anew when memory has grown. */
  get #timestepNumbers(): Int32Array {
    const { buffer, byteOffset, length } = this.#timesteps.data;
    if (this.#timestepView?.buffer !== buffer) {
      this.#timestepView = new Int32Array(buffer, byteOffset, length);
    }
    return this.#timestepView;
  }

  /** Draws points, timesteps and noise, in this order. */
  #drawBatch(rows: number): void {
    const points = this.#points;
    const { data } = this.#original;
    const indices = this.#indices.subarray(0, rows);
    this.#generator.randint(points.length / 2, indices);
    indices.forEach((index, row) => {
      data[2 * row] = points[2 * index]!;
      data[2 * row + 1] = points[2 * index + 1]!;
    });
    this.#generator.randint(POINT_TIMESTEPS, this.#timestepNumbers.subarray(0, rows));
    if (this.#batchNoise?.dims[0] !== rows) this.#batchNoise = this.#noise.prefix([rows, 2]);
    this.#generator.fill(this.#batchNoise);
  }

  /** The noise that the network sees in any number of points, all at one timestep. */
  #predict(points: ArenaTensor, timestep: number, out: ArenaTensor): void {
    const k = kernels();
    const count = points.dims[0]!;
    for (let first = 0; first < count; first += ROOM) {
      const part = Math.min(ROOM, count - first);
      this.#timestepNumbers.fill(timestep, 0, part);
      const from = points.pointer + 8 * first;
      k.noisePoints(
        this.#input.pointer,
        from,
        from,
        this.#timesteps.pointer,
        this.#untouched.pointer,
        this.#embeddings.pointer,
        part,
        INPUTS,
      );
      const predicted = this.#network.forward(this.#input, part);
      out.data.set(predicted.data.subarray(0, 2 * part), 2 * first);
    }
  }
}

/** Levels of the process, levels that leave points as they are, and sinusoidal embeddings (Vaswani et al. 2017). */
function fillTables(levels: Float32Array, untouched: Float32Array, embeddings: Float32Array): void {
  const alphasCumprod = alphasCumprodOf(readSchedulerConfig(config));
  const half = EMBEDDING / 2;
  for (let t = 0; t < POINT_TIMESTEPS; t++) {
    levels[2 * t] = Math.sqrt(alphasCumprod[t]!);
    levels[2 * t + 1] = Math.sqrt(1 - alphasCumprod[t]!);
    untouched[2 * t] = 1;
    untouched[2 * t + 1] = 0;
    for (let i = 0; i < half; i++) {
      const angle = t * Math.exp((-Math.log(POINT_TIMESTEPS) * i) / half);
      embeddings[EMBEDDING * t + i] = Math.cos(angle);
      embeddings[EMBEDDING * t + half + i] = Math.sin(angle);
    }
  }
}

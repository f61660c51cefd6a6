// One step of each scheduler on 3x64x64, against the same formula as loops in plain JavaScript.
import { ArenaTensor } from '../../components/kernels/arena.js';
import {
  createScheduler,
  RePaintScheduler,
  schedulerNames,
  TorchGenerator,
  type Scheduler,
} from '../../components/schedulers/index.js';
import { atLeast, atMost, ratio, type Row } from './measure.js';

const dims = [1, 3, 64, 64];
const STEPS = 20;
const PAIRS = 15;
/** Walks of STEPS steps that one timed batch takes. */
const WALKS = 8;
const HEAP_STEPS = 10_000;

type Plain = (arrays: readonly Float32Array[], i: number) => void;

const clamp = (x: number) => Math.max(-1, Math.min(1, x));

/** x_0 and the next x in one loop. */
const fused: Plain = ([prev, x0, sample, model]) => {
  for (let i = 0; i < prev!.length; i++) {
    const original = clamp(0.9 * sample![i]! - 0.4 * model![i]!);
    x0![i] = original;
    prev![i] = 0.5 * original + 0.3 * sample![i]! + 0.1 * model![i]!;
  }
};

/** As above, with noise. */
const noisy: Plain = ([prev, x0, sample, model, noise]) => {
  for (let i = 0; i < prev!.length; i++) {
    const original = clamp(0.9 * sample![i]! - 0.4 * model![i]!);
    x0![i] = original;
    prev![i] = 0.5 * original + 0.3 * sample![i]! + 0.1 * model![i]! + 0.2 * noise![i]!;
  }
};

/** x_0, the converted output into a history, and a sum over `order` of them. */
const multistep = (order: number): Plain =>
  function step(arrays, step) {
    const [prev, x0, sample, model] = arrays as Float32Array[];
    const history = (age: number) => arrays[6 + ((step - age + order) % order)]!;
    const newest = history(0);
    for (let i = 0; i < prev!.length; i++) x0![i] = 0.9 * sample![i]! - 0.4 * model![i]!;
    for (let i = 0; i < prev!.length; i++) newest[i] = sample![i]! - 0.3 * x0![i]!;
    for (let i = 0; i < prev!.length; i++) prev![i] = 0.5 * sample![i]! + 0.1 * newest[i]!;
    for (let age = 1; age < order; age++) {
      const older = history(age);
      for (let i = 0; i < prev!.length; i++) prev![i]! += 0.1 * older[i]!;
    }
  };

const withNoise =
  (step: Plain): Plain =>
  (arrays, index) => {
    step(arrays, index);
    const [prev, , , , noise] = arrays as Float32Array[];
    for (let i = 0; i < prev!.length; i++) prev![i]! += 0.1 * noise![i]!;
  };

/** LCM: x_0, the boundary conditions, and noise. */
const consistency: Plain = ([prev, x0, sample, model, noise]) => {
  for (let i = 0; i < prev!.length; i++) {
    const original = clamp(0.9 * sample![i]! - 0.4 * model![i]!);
    x0![i] = 0.9 * original + 0.1 * sample![i]!;
    prev![i] = 0.8 * x0![i]! + 0.2 * noise![i]!;
  }
};

const repainted: Plain = (arrays, index) => {
  fused(arrays, index);
  const [prev, , , , noise, known, mask] = arrays as Float32Array[];
  for (let i = 0; i < prev!.length; i++) {
    const m = mask![i]!;
    prev![i] = m * (0.8 * known![i]! + 0.2 * noise![i]!) + (1 - m) * prev![i]!;
  }
};

const plain: Record<string, Plain> = {
  ddpm: noisy,
  ddim: fused,
  'ddim-inverse': fused,
  euler: fused,
  'euler-a': noisy,
  heun: multistep(2),
  lms: multistep(4),
  pndm: multistep(4),
  'dpm++': multistep(2),
  'dpm++-single': multistep(2),
  'dpm++-sde': withNoise(multistep(2)),
  deis: multistep(2),
  unipc: multistep(3),
  lcm: consistency,
  tcd: noisy,
  'flow-euler': fused,
  repaint: repainted,
};

function random(seed: number): ArenaTensor {
  const tensor = new ArenaTensor(dims);
  new TorchGenerator(seed).fill(tensor);
  return tensor;
}

/** Walks of a scheduler over its timesteps, always from the same arrays; returns the steps taken. */
function walker(scheduler: Scheduler): () => number {
  const [prevSample, predOriginalSample, sample, model, noise, picture, mask] = [
    ...[1, 2, 3, 4, 5, 6, 7],
  ].map(random) as [...ArenaTensor[]] as [
    ...[ArenaTensor, ArenaTensor, ArenaTensor, ArenaTensor, ArenaTensor, ArenaTensor, ArenaTensor],
  ];
  const options = { noise, out: { prevSample, predOriginalSample } };
  return () => {
    if (scheduler instanceof RePaintScheduler) {
      scheduler.setTimesteps(STEPS, STEPS, 1);
      for (const t of scheduler.timesteps) scheduler.step(model, t, sample, picture, mask, options);
    } else {
      scheduler.setTimesteps(STEPS);
      for (const t of scheduler.timesteps) scheduler.step(model, t, sample, options);
    }
    return scheduler.timesteps.length;
  };
}

export async function benchSchedulers(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const name of schedulerNames) {
    const walk = walker(await createScheduler({ _class_name: name }));
    const arrays = Array.from({ length: 10 }, (_, i) => random(i + 1).data.slice());
    const steps = walk();
    const step = plain[name]!;
    const measured = await ratio(
      () => {
        for (let i = 0; i < WALKS * steps; i++) step(arrays, i);
      },
      () => {
        for (let i = 0; i < WALKS; i++) walk();
      },
      PAIRS,
    );
    rows.push(atLeast(`step of ${name} on 3x64x64: JavaScript over kernels`, measured.ratio, 2));
    const perSecond = (1000 * WALKS * steps) / measured.b;
    rows.push({ what: `steps of ${name} on 3x64x64 a second`, value: perSecond, ok: true });

    const heap = () => {
      (globalThis as { gc?: () => void }).gc?.();
      return process.memoryUsage().heapUsed;
    };
    const before = heap();
    for (let taken = 0; taken < HEAP_STEPS;) taken += walk();
    const growth = (heap() - before) / 1e6;
    rows.push(atMost(`heap growth over ${HEAP_STEPS} steps of ${name}, MB`, growth, 1));
  }
  return rows;
}

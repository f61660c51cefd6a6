import { expect } from 'chai';
import {
  createScheduler,
  FlowMatchEulerDiscreteScheduler,
  RePaintScheduler,
  type Tensor,
} from '../../components/schedulers/index.js';
import {
  addNoiseCases,
  cases,
  configOf,
  decode,
  largestDifference,
  model,
  noiseStream,
  repaintCases,
  repaintMask,
  repaintOriginal,
  repaintTimesteps,
  sample0,
  tensor,
} from '../helpers/golden.js';

describe('trajectories of diffusers', () => {
  for (const golden of cases) {
    it(`equals ${golden.name} step by step`, async () => {
      const scheduler = await createScheduler(configOf(golden));
      const { timesteps, mu } = golden.set_timesteps ?? {};
      if (timesteps) scheduler.setTimesteps({ timesteps });
      else if (scheduler instanceof FlowMatchEulerDiscreteScheduler) {
        scheduler.setTimesteps({ numInferenceSteps: golden.num_inference_steps, mu });
      } else scheduler.setTimesteps(golden.num_inference_steps);
      expect(largestDifference(scheduler.timesteps, golden.timesteps)).to.be.at.most(0.002);

      const expectedSteps = decode(golden.steps);
      const nextNoise = noiseStream();
      let x = tensor(sample0.map((value) => value * scheduler.initNoiseSigma));
      for (const [i, timestep] of scheduler.timesteps.entries()) {
        const draws = Array.isArray(golden.draws) ? golden.draws[i]! : (golden.draws ?? 0);
        const output = model(scheduler.scaleModelInput(x, timestep), timestep, golden.learned);
        const result = scheduler.step(output, timestep, x, {
          ...golden.step_kwargs,
          ...(draws > 0 && { noise: nextNoise() }),
        });
        x = result.prevSample as typeof x;
        const kept = golden.step_index ? golden.step_index.indexOf(i) : i;
        if (kept >= 0) {
          const expected = expectedSteps.subarray(
            kept * sample0.length,
            (kept + 1) * sample0.length,
          );
          expect(largestDifference(x.data, expected), `step ${i}`).to.be.at.most(golden.tol);
        }
      }
    });
  }
});

describe('RePaint of diffusers', () => {
  for (const golden of repaintCases) {
    it(`equals ${golden.name} step by step, back up too`, async () => {
      const scheduler = await createScheduler(configOf(golden));
      if (!(scheduler instanceof RePaintScheduler)) throw new Error('not RePaint');
      scheduler.setTimesteps(golden.num_inference_steps, golden.jump_length, golden.jump_n_sample);
      expect(scheduler.timesteps).to.deep.equal(golden.timesteps);

      const expected = decode(golden.steps);
      const noise = noiseStream();
      const image = tensor(decode(repaintOriginal));
      const mask = tensor(decode(repaintMask));
      let x: Tensor = tensor(sample0);
      let predOriginalSample = x;
      scheduler.timesteps.forEach((timestep, i) => {
        if (golden.kinds[i] === 'u') {
          x = scheduler.undoStep(x, scheduler.timesteps[i - 1]!, { noise });
        } else {
          const output = model(x, timestep);
          const result = scheduler.step(output, timestep, x, image, mask, { noise });
          x = result.prevSample;
          ({ predOriginalSample } = result);
        }
        const wanted = expected.subarray(i * sample0.length, (i + 1) * sample0.length);
        expect(largestDifference(x.data, wanted), `step ${i}`).to.be.below(2e-5);
      });
      const last = decode(golden.last_pred_original_sample);
      expect(largestDifference(predOriginalSample.data, last)).to.be.below(2e-5);
    });
  }

  for (const golden of repaintTimesteps) {
    const { num_inference_steps: steps, jump_length: length, jump_n_sample: samples } = golden;
    it(`visits the ${golden.count} timesteps of ${steps} steps, jumps of ${length}, ${samples} samples`, async () => {
      const scheduler = await createScheduler({
        _class_name: 'RePaintScheduler',
        num_train_timesteps: golden.num_train_timesteps,
      });
      if (!(scheduler instanceof RePaintScheduler)) throw new Error('not RePaint');
      scheduler.setTimesteps(steps, length, samples);
      const stride = Math.floor(golden.num_train_timesteps / steps);
      expect(scheduler.timesteps.map((t) => t / stride)).to.deep.equal(
        golden.timesteps_over_stride,
      );
    });
  }
});

describe('the forward process of diffusers', () => {
  for (const golden of addNoiseCases) {
    it(`is that of ${golden.class} at timestep ${golden.t}`, async () => {
      const scheduler = await createScheduler(configOf(golden));
      const noise = noiseStream()();
      const noised = scheduler.addNoise(tensor(sample0), noise, golden.t);
      expect(largestDifference(noised.data, decode(golden.add_noise))).to.be.below(1e-5);
      const velocity = scheduler.getVelocity(tensor(sample0), noise, golden.t);
      expect(largestDifference(velocity.data, decode(golden.velocity))).to.be.below(1e-5);
    });
  }
});

import { expect } from 'chai';
import {
  createScheduler,
  FlowMatchEulerDiscreteScheduler,
  schedulerClassName,
} from '../../components/schedulers/index.js';
import {
  cases,
  configOf,
  decode,
  largestDifference,
  model,
  noiseStream,
  sample0,
  tensor,
} from '../helpers/golden.js';

function isOffered(className: string): boolean {
  try {
    return schedulerClassName(className) === className;
  } catch {
    return false;
  }
}

describe('trajectories of diffusers', () => {
  for (const golden of cases.filter((case_) => isOffered(case_.class))) {
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

import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { type ScheduleOptions, scheduleConfig } from '../pictures/schedule-curves.js';

/** Where a sampler's timesteps fall; the samplers are loaded when one is asked for. */
export class VisitedTimestepsController implements ReactiveController {
  #key = '';
  timesteps: readonly number[] = [];
  /** Why they could not be found. */
  error: unknown;

  constructor(readonly host: ReactiveControllerHost) {
    host.addController(this);
  }

  hostConnected(): void {}

  /** Finds the timesteps of so many steps; nothing happens where they are there or on their way. */
  async find(
    scheduler: string | undefined,
    steps: number,
    schedule: ScheduleOptions,
  ): Promise<void> {
    const key = JSON.stringify([scheduler, steps, schedule]);
    if (key === this.#key) return;
    this.#key = key;
    this.timesteps = [];
    this.error = undefined;
    if (!scheduler) return;
    try {
      const { createScheduler, schedulerByName } =
        await import('../schedulers/create-scheduler.js');
      const config = { ...scheduleConfig(schedule), ...schedulerByName(scheduler) };
      const made = await createScheduler(config);
      made.setTimesteps(steps);
      const { timesteps } = made;
      made.release();
      if (key !== this.#key) return;
      this.timesteps = timesteps;
    } catch (error) {
      if (key === this.#key) this.error = error;
    }
    this.host.requestUpdate();
  }
}

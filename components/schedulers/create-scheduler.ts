import { invalidOption } from '../errors.js';
import { DDIMScheduler } from './ddim.js';
import { DDPMScheduler } from './ddpm.js';
import {
  readSchedulerConfig,
  type SchedulerConfig,
  type SchedulerConfigJson,
} from './scheduler-config.js';
import type { Scheduler } from './scheduler.js';

type SchedulerClass = new (config: SchedulerConfig) => Scheduler;

/** Every scheduler, by diffusers' class name, with the short name that people type. */
const registry: Record<string, { readonly short: string; readonly make: SchedulerClass }> = {
  DDIMScheduler: { short: 'ddim', make: DDIMScheduler },
  DDPMScheduler: { short: 'ddpm', make: DDPMScheduler },
};

/** The short names that `scheduler` options and attributes take. */
export const schedulerNames: readonly string[] = Object.values(registry).map(({ short }) => short);

/** The class name behind a short name or a class name; throws `invalid-option` for others. */
export function schedulerClassName(name: string): string {
  const found = Object.entries(registry).find(
    ([className, { short }]) => name === className || name === short,
  );
  if (!found) throw invalidOption('scheduler', name, `one of ${schedulerNames.join(', ')}`);
  return found[0];
}

/**
 * A scheduler from the object of a diffusers `scheduler_config.json`: `_class_name` chooses the class,
 * keys and defaults are diffusers'.
 */
export async function createScheduler(json: SchedulerConfigJson): Promise<Scheduler> {
  const className = schedulerClassName(String(json['_class_name']));
  return new registry[className]!.make(readSchedulerConfig(json));
}

#!/usr/bin/env node
import { writeFile } from 'node:fs/promises';
import { DiffusionPipeline } from '../pipelines/diffusion-pipeline.js';
import { readArguments, usage, type CliOptions } from './arguments.js';
import { contactSheet } from './contact-sheet.js';

const BAR_WIDTH = 30;

function showProgress(step: number, steps: number): void {
  const filled = Math.round((BAR_WIDTH * step) / steps);
  const bar = '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled);
  process.stderr.write(`\r${bar} step ${step} of ${steps}${step === steps ? '\n' : ''}`);
}

async function generate({ model, dtype, scale, out, ...options }: CliOptions): Promise<void> {
  const pipeline = await DiffusionPipeline.fromPretrained(model, { dtype });
  const { images, seed, timings } = await pipeline.generate({
    ...options,
    onStep: ({ step, steps }) => showProgress(step, steps),
  });
  await writeFile(out, contactSheet(images, scale));
  await pipeline.dispose();
  const seconds = (timings.total / 1000).toFixed(1);
  process.stderr.write(`${out}: seed ${seed}, ${pipeline.dtype}, ${seconds} s\n`);
}

try {
  const options = readArguments(process.argv.slice(2));
  if (options) await generate(options);
  else process.stdout.write(usage);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}

#!/usr/bin/env node
import { access, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DiffusionPipeline } from '../pipelines/diffusion-pipeline.js';
import { readArguments, usage, type CopyCommand, type GenerateCommand } from './arguments.js';
import { contactSheet } from './contact-sheet.js';
import { copyAssets } from './copy.js';

const BAR_WIDTH = 30;

function showProgress(step: number, steps: number): void {
  const filled = Math.round((BAR_WIDTH * step) / steps);
  const bar = '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled);
  process.stderr.write(`\r${bar} step ${step} of ${steps}${step === steps ? '\n' : ''}`);
}

async function generate({ model, dtype, scale, out, ...options }: GenerateCommand): Promise<void> {
  // Told before anything is drawn.
  await access(dirname(out));
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

async function copy({ folder, wasmOnly }: CopyCommand): Promise<void> {
  const files = await copyAssets(folder, wasmOnly);
  process.stderr.write(`${files.length} files copied to ${folder}\n`);
}

try {
  const task = readArguments(process.argv.slice(2));
  if (task.command === 'generate') await generate(task);
  else if (task.command === 'copy') await copy(task);
  else {
    const { mistake } = task;
    (mistake ? process.stderr : process.stdout).write(mistake ? `${mistake}\n\n${usage}` : usage);
    process.exitCode = mistake ? 1 : 0;
  }
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}

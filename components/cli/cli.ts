#!/usr/bin/env node
import { access, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DiffusionPipeline } from '../pipelines/diffusion-pipeline.js';
import { readArguments, usage, type CopyCommand, type GenerateCommand } from './arguments.js';
import { DEFAULT_MODEL, TEXT_MODEL } from '../runtime/model-address.js';
import type { LoadProgress } from '../runtime/progress.js';
import { settingsTexts } from '../pictures/picture-settings.js';
import { withPngTexts } from '../pictures/png-texts.js';
import { contactSheet, readPicture } from './contact-sheet.js';
import { copyAssets } from './copy.js';
import { writeManifest } from './manifest.js';

const BAR_WIDTH = 30;
/** Bytes that take long enough to come to be told about. */
const LARGE = 10e6;
/** Pictures smaller than this are enlarged, unless somebody says otherwise. */
const SMALL = 128;

function bar(done: number, all: number): string {
  const filled = Math.round((BAR_WIDTH * done) / all);
  return '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled);
}

function showProgress(step: number, steps: number): void {
  process.stderr.write(
    `\r${bar(step, steps)} step ${step} of ${steps}${step === steps ? '\n' : ''}`,
  );
}

function showLoading({ loaded, total, file }: LoadProgress): void {
  if (!process.stderr.isTTY || total < LARGE) return;
  const done = `${(loaded / 1e6).toFixed(0)} of ${(total / 1e6).toFixed(0)} MB`;
  process.stderr.write(`\r${bar(loaded, total)} ${done}: ${file}\x1b[K`);
  if (loaded === total) process.stderr.write('\r\x1b[K');
}

async function generate(command: GenerateCommand): Promise<void> {
  const usual = command.prompt === undefined ? DEFAULT_MODEL : TEXT_MODEL;
  const { model = usual, dtype, backend, scale, out, image, mask, ...options } = command;
  // Told before anything is drawn.
  await access(dirname(out)).catch(() => {
    throw new Error(`There is no folder ${dirname(out)} to write ${out} into: make it first.`);
  });
  const [start, hole] = await Promise.all([image, mask].map((file) => file && readPicture(file)));
  const load = { dtype, backend, onProgress: showLoading };
  const pipeline = await DiffusionPipeline.fromPretrained(model, load);
  const { images, seed, timings, notices } = await pipeline.generate({
    ...options,
    ...(start && { image: start }),
    ...(hole && { mask: hole }),
    onStep: ({ step, steps }) => showProgress(step, steps),
  });
  const [{ width = 1, height = 1 } = {}] = images;
  const enlarged = scale ?? (Math.max(width, height) < SMALL ? 4 : 1);
  const { defaultSteps, defaultScheduler, defaultGuidanceScale } =
    await DiffusionPipeline.describe(model);
  const texts = settingsTexts({
    steps: defaultSteps,
    scheduler: defaultScheduler,
    guidanceScale: defaultGuidanceScale,
    ...(JSON.parse(JSON.stringify({ ...options, seed: undefined })) as object),
    model,
    seed: typeof seed === 'bigint' ? String(seed) : (seed as number),
  });
  await writeFile(out, withPngTexts(contactSheet(images, enlarged), texts));
  await pipeline.dispose();
  const seconds = (timings.total / 1000).toFixed(1);
  for (const notice of notices) process.stderr.write(`${notice}\n`);
  process.stderr.write(
    `${out}: seed ${seed}, ${pipeline.backend} ${pipeline.dtype}, ${seconds} s\n`,
  );
}

async function copy({ folder, wasmOnly }: CopyCommand): Promise<void> {
  const files = await copyAssets(folder, wasmOnly);
  process.stderr.write(`${files.length} files copied to ${folder}\n`);
}

try {
  const task = readArguments(process.argv.slice(2));
  if (task.command === 'generate') await generate(task);
  else if (task.command === 'copy') await copy(task);
  else if (task.command === 'manifest') {
    const files = await writeManifest(task.folder);
    process.stderr.write(`files.json of ${task.folder} names ${files.length} files\n`);
  } else {
    const { mistake } = task;
    (mistake ? process.stderr : process.stdout).write(mistake ? `${mistake}\n\n${usage}` : usage);
    process.exitCode = mistake ? 1 : 0;
  }
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}

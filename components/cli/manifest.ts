import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat, writeFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { DiffusionError } from '../errors.js';

/** Writes a model folder's files.json: sizes and SHA-256 of its networks and weights; returns their paths. */
export async function writeManifest(folder: string): Promise<string[]> {
  const all = await readdir(folder, { recursive: true }).catch((cause: unknown) => {
    throw new DiffusionError('model-not-found', `${folder} cannot be read.`, { cause });
  });
  const files = all.filter((file) => /\.onnx([._]data.*)?$/.test(file)).sort();
  if (files.length === 0) {
    throw new DiffusionError('model-not-found', `${folder} holds no ONNX files.`);
  }
  const entries: Record<string, { size: number; sha256: string }> = {};
  for (const file of files) {
    const path = join(folder, file);
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
    const { size } = await stat(path);
    entries[file.replaceAll(sep, '/')] = { size, sha256: hash.digest('hex') };
  }
  await writeFile(join(folder, 'files.json'), `${JSON.stringify(entries, null, 2)}\n`);
  return Object.keys(entries);
}

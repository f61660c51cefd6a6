import { DiffusionError } from '../errors.js';
import type { ExpectedFile } from './fetch-file.js';

/** What `files.json` says of a folder's files, by their names. */
export type Manifest = Readonly<Record<string, ExpectedFile>>;

/** @throws DiffusionError `model-invalid` */
export function checkManifest(manifest: Record<string, unknown>): Manifest {
  for (const [file, entry] of Object.entries(manifest)) {
    const { size, sha256 } = (entry ?? {}) as Partial<ExpectedFile>;
    const isSize = Number.isSafeInteger(size) && size! >= 0;
    if (!isSize || typeof sha256 !== 'string' || !/^[\da-f]{64}$/.test(sha256)) {
      throw new DiffusionError(
        'model-invalid',
        `files.json of the model must give "${file}" a "size" in bytes and a "sha256" in lower-case hexadecimal.`,
      );
    }
  }
  return manifest as Manifest;
}

/** Bytes of an ONNX file and of the weights beside it, by their names. */
export function totalOf(manifest: Manifest, file: string): number | undefined {
  const own = manifest[file];
  if (!own) return undefined;
  const beside = Object.keys(manifest).filter(
    (name) => /^[._]data/.test(name.slice(file.length)) && name.startsWith(file),
  );
  return beside.reduce((sum, name) => sum + manifest[name]!.size, own.size);
}

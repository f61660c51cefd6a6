import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { DiffusionError, throwIfAborted } from '../errors.js';
import { sourceOfBytes, sourceOfFile, type ByteSource } from './byte-source.js';
import { isNode } from './devices.js';
import { askValidator, download, type DownloadOptions } from './download.js';
import { probeFile } from './probe-file.js';
import { forget, keep, readKept } from './storage.js';
import { downloadToStorage } from './stored-download.js';

/** What `files.json` says of a file. */
export interface ExpectedFile {
  readonly size: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  /** A network that holds the CPU provider's fusions already. */
  readonly optimized?: boolean;
}

export interface FetchOptions extends Omit<DownloadOptions, 'size' | 'reload' | 'onValidator'> {
  readonly expected?: ExpectedFile;
  /** Without `expected`: keeps the file for as long as its server names the same version of it. */
  readonly revalidate?: boolean;
}

async function digestOf(bytes: Uint8Array): Promise<string | undefined> {
  const { subtle } = globalThis.crypto ?? {};
  if (!subtle) return undefined; // Insecure origins have no digest; the size is still checked.
  const digest = await subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function isIntact(bytes: Uint8Array, expected: ExpectedFile): Promise<boolean> {
  if (bytes.length !== expected.size) return false;
  const digest = await digestOf(bytes);
  return digest === undefined || digest === expected.sha256;
}

async function readFromDisk(url: URL): Promise<Uint8Array> {
  const { readFile } = process.getBuiltinModule('node:fs/promises');
  try {
    return await readFile(url);
  } catch (error) {
    throw new DiffusionError('model-not-found', `${url.pathname} cannot be read.`, {
      cause: error,
    });
  }
}

/** Bytes of a file that are looked at at once. */
const PIECE = 1 << 22;

function mismatch(url: URL, expected: ExpectedFile, size: number): DiffusionError {
  return new DiffusionError(
    'integrity-mismatch',
    `${url.href} is not the file that was published (${size} bytes, expected ${expected.size}): ` +
      'upload the whole folder again, or rewrite its files.json.',
  );
}

/**
 * A large file that is to be read piece by piece: from disk in Node, from Cache Storage in workers; in memory where neither
 * can be.
 *
 * @throws as `fetchFile` does
 */
export async function openFile(url: URL, options: FetchOptions = {}): Promise<ByteSource> {
  const { expected, signal, onBytes } = options;
  if (isNode && url.protocol === 'file:') {
    const size = await probeFile(url);
    const path = process.getBuiltinModule('node:url').fileURLToPath(url);
    if (size !== undefined) return checked(url, sourceOfFile(path, size), expected);
  }
  const stored = await downloadToStorage(url, { expected, signal, onBytes });
  if (!stored) return sourceOfBytes(await fetchFile(url, options));
  try {
    return checked(url, stored, expected);
  } catch (error) {
    await forget(url);
    throw error;
  }
}

/** The file, where it is the one that is expected: its hash is taken piece by piece. */
function checked(url: URL, file: ByteSource, expected: ExpectedFile | undefined): ByteSource {
  if (!expected) return file;
  const hash = sha256.create();
  if (file.size === expected.size) {
    for (let at = 0; at < file.size; at += PIECE) {
      hash.update(file.read(at, Math.min(PIECE, file.size - at)));
    }
  }
  if (bytesToHex(hash.digest()) === expected.sha256) return file;
  throw mismatch(url, expected, file.size);
}

/**
 * A file's bytes, from Cache Storage where an intact copy is there, else from the network (or, in Node, from disk).
 * What does not match `expected` is never kept and is an `integrity-mismatch`.
 *
 * @throws DiffusionError `model-not-found`, `network`, `integrity-mismatch`; AbortError
 */
export async function fetchFile(url: URL, options: FetchOptions = {}): Promise<Uint8Array> {
  const { expected, signal, onBytes, tap } = options;
  throwIfAborted(signal);
  if (isNode && url.protocol === 'file:') {
    const bytes = await readFromDisk(url);
    if (expected && !(await isIntact(bytes, expected))) throw mismatch(url, expected, bytes.length);
    return bytes;
  }

  // Only what can be checked is kept: a file without a hash may have changed on its server.
  if (!expected)
    return options.revalidate ? fetchRevalidated(url, options) : download(url, options);
  const kept = await readKept(url);
  if (kept) {
    if (await isIntact(kept.bytes, expected)) {
      onBytes?.(expected.size, expected.size);
      return kept.bytes;
    }
    await forget(url);
  }

  const request = { size: expected.size, signal, onBytes, tap };
  let bytes = await download(url, request);
  if (!(await isIntact(bytes, expected))) {
    // The browser's own cache may hold a damaged or an older copy.
    bytes = await download(url, { ...request, reload: true });
    if (!(await isIntact(bytes, expected))) throw mismatch(url, expected, bytes.length);
  }
  void keep(url, bytes);
  return bytes;
}

async function fetchRevalidated(url: URL, options: FetchOptions): Promise<Uint8Array> {
  const { signal, onBytes } = options;
  const kept = await readKept(url);
  if (kept?.validator && kept.validator === (await askValidator(url, signal))) {
    onBytes?.(kept.bytes.length, kept.bytes.length);
    return kept.bytes;
  }
  throwIfAborted(signal);
  let validator = '';
  const onValidator = (named: string) => (validator = named);
  const bytes = await download(url, { signal, onBytes, onValidator });
  if (validator) void keep(url, bytes, validator);
  return bytes;
}

import { invalidOption } from '../errors.js';
import { bundledModelNames } from './bundled-model-names.js';
import { isNode } from './devices.js';

export const DEFAULT_MODEL = 'fashion-mnist';

/**
 * What tells a model from others: the name of a bundled one, or its folder's absolute URL.
 *
 * @throws DiffusionError `invalid-option`
 */
export function modelAddress(model: string | URL, base?: string): string {
  const name = String(model);
  return bundledModelNames.includes(name) ? name : folderUrl(model, base).href;
}

/**
 * The URL of a model's folder: absolute, or relative to the page or, in Node, to the working directory. A query stays,
 * and is sent with every file.
 *
 * @throws DiffusionError `invalid-option`
 */
export function folderUrl(model: string | URL, base?: string): URL {
  try {
    const url = parse(String(model), base);
    url.hash = '';
    url.pathname = url.pathname.replace(/\/?$/, '/');
    // Fails for addresses that have no folders, such as data: and javascript:.
    new URL('model_index.json', url);
    return url;
  } catch {
    throw invalidOption(
      'model',
      model,
      "the name of a bundled model, or the URL of a model's folder",
    );
  }
}

function parse(model: string, base: string | undefined): URL {
  if (base) return new URL(model, base);
  if (!isNode) return new URL(model, globalThis.document?.baseURI ?? globalThis.location?.href);
  const { pathToFileURL } = process.getBuiltinModule('node:url');
  return /^[a-z][a-z\d+.-]+:/i.test(model) ? new URL(model) : pathToFileURL(model);
}

/** The URL of a file in a folder. */
export function fileUrl(folder: URL, file: string): URL {
  const url = new URL(file, folder);
  url.search = folder.search;
  return url;
}

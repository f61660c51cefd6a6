import { invalidOption } from '../errors.js';
import { bundledModelNames } from './bundled-model-names.js';
import { isNode } from './devices.js';
import { getSettings } from './settings.js';

export const DEFAULT_MODEL = 'fashion-mnist';
/** Distilled from it, for one to four steps. */
export const FAST_MODEL = 'fashion-mnist-turbo';
/** Of elements with a prompt. */
export const TEXT_MODEL = 'emoji';
/** Distilled from it. */
export const FAST_TEXT_MODEL = 'emoji-turbo';

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
 * The URL of a model's folder: on the Hugging Face Hub for `hf:owner/name`, absolute, or relative to the page or, in Node, to
 * the working directory. A query stays, and is sent with every file.
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
      "the name of a bundled model, the URL of a model's folder, or hf:owner/name for one on the Hugging Face Hub",
    );
  }
}

const ON_HUB = /^hf:([\w.-]+\/[\w.-]+)(?:@([\w.%-]+))?((?:\/[\w. -]+)*)\/?$/;

/** `hf:owner/name`, with `@revision` and a folder inside where they are given, as the Hub's addresses are made. */
function onHub(model: string): URL | undefined {
  const [, repository, revision = 'main', folder = ''] = ON_HUB.exec(model) ?? [];
  if (!repository) return undefined;
  return new URL(`${repository}/resolve/${revision}${folder}`, getSettings().hubUrl);
}

function parse(model: string, base: string | undefined): URL {
  const hub = onHub(model);
  if (hub) return hub;
  if (/^hf:/.test(model)) throw new Error('no address on the Hub');
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

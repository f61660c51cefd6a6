import { DiffusionError } from '../errors.js';
import { isNode } from './devices.js';
import { importScript } from './import-script.js';
import { assetUrl } from './settings.js';

export type TokenizerLibrary = typeof import('@huggingface/tokenizers');

/**
 * The library that cuts prompts into tokens: a script of its own, since only models that read text need it.
 *
 * @throws DiffusionError `backend-unavailable`
 */
export async function loadTokenizers(): Promise<TokenizerLibrary> {
  if (isNode) return import('@huggingface/tokenizers');
  const url = assetUrl('runtime/tokenizers.js');
  try {
    return await importScript<TokenizerLibrary>('tokenizers', url);
  } catch (cause) {
    throw new DiffusionError(
      'backend-unavailable',
      `${url.href} could not be loaded (${(cause as Error).message}): check that the package's files lie there, or call ` +
        'configure({ baseUrl }) with the address of the folder where they do.',
      { cause },
    );
  }
}

import { DiffusionError } from '../errors.js';
import { fetchFile, type ExpectedFile } from './fetch-file.js';
import { parsePythonJson } from './python-json.js';

function isAbsence(error: unknown): boolean {
  return error instanceof DiffusionError && error.code === 'model-not-found';
}

/** A text; undefined where there is no such file, or the server answers with its app's page. */
export async function readOptionalText(
  url: URL,
  signal: AbortSignal | undefined,
  expected?: ExpectedFile,
): Promise<string | undefined> {
  try {
    const text = new TextDecoder().decode(await fetchFile(url, { signal, expected }));
    return text.trimStart().startsWith('<') ? undefined : text;
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}

/** A JSON object; undefined where there is no such file, or the server answers with its app's page. */
export async function readOptional(
  url: URL,
  file: string,
  signal: AbortSignal | undefined,
  expected?: ExpectedFile,
): Promise<Record<string, unknown> | undefined> {
  const text = await readOptionalText(url, signal, expected);
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = parsePythonJson(text);
  } catch (error) {
    throw new DiffusionError('model-invalid', `${file} of the model is not JSON.`, {
      cause: error,
    });
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new DiffusionError('model-invalid', `${file} of the model must hold a JSON object.`);
}

/** The stable codes of this package's failures. */
export type DiffusionErrorCode =
  | 'model-not-found'
  | 'model-invalid'
  | 'integrity-mismatch'
  | 'network'
  | 'unsupported-model'
  | 'invalid-option'
  | 'backend-unavailable'
  | 'device-lost'
  | 'out-of-memory'
  | 'image-invalid'
  | 'image-tainted';

/** A failure with a stable `code` and a message that says what to do. */
export class DiffusionError extends Error {
  override readonly name = 'DiffusionError';

  constructor(
    readonly code: DiffusionErrorCode,
    message: string,
    options?: { readonly cause?: unknown },
  ) {
    super(message, options);
  }
}

/** What an element failed with: mostly a DiffusionError, which has a code. */
export type ElementError = Error & { readonly code?: DiffusionErrorCode };

/** An option's value that is not allowed: names the option, the value and what is allowed. */
export function invalidOption(option: string, value: unknown, allowed: string): DiffusionError {
  const shown = typeof value === 'string' ? `"${value}"` : String(value);
  return new DiffusionError('invalid-option', `${option} is ${shown}, but must be ${allowed}.`);
}

/** The platform's own error for a run that was given up. */
export function abortError(): DOMException {
  return new DOMException('The run was aborted.', 'AbortError');
}

export function isAbortError(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

/** Throws an AbortError where the signal has fired. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw abortError();
}

/** The promise's value, or an AbortError as soon as the signal fires. */
export async function abortable<T>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  if (!signal) return promise;
  let onAbort: () => void;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(abortError());
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort!);
  }
}

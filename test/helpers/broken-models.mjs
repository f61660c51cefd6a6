// Serves the Fashion-MNIST model with one fault, under /broken/KIND/: for tests of what bad input gets.
import { readFile } from 'node:fs/promises';

const faults = {
  /** The weights end halfway. */
  truncated: (file, bytes) =>
    file.endsWith('.onnx') ? bytes.subarray(0, bytes.length / 2) : bytes,
  /** One bit of the weights is another. */
  altered(file, bytes) {
    if (file.endsWith('.onnx')) bytes[bytes.length - 1000] ^= 1;
    return bytes;
  },
  /** No files.json to check against, and weights that are no ONNX. */
  'not-onnx': (file, bytes) =>
    file === 'files.json' ? undefined : file.endsWith('.onnx') ? Buffer.from('<html>') : bytes,
  /** Half an index. */
  'not-json': (file, bytes) =>
    file === 'files.json' ? undefined : file === 'model_index.json' ? Buffer.from('{"a":') : bytes,
  /** Weights that never come. */
  stalled: (file, bytes) => (file.endsWith('.onnx') ? 'stall' : bytes),
  /** The server is ill. */
  failing: () => 'fail',
};

export async function brokenModels(context, next) {
  const [, kind, file] = /^\/broken\/([^/]+)\/(.+)$/.exec(context.path) ?? [];
  const fault = faults[kind];
  if (!fault) return next();
  const bytes = await readFile(`models/fashion-mnist/${file}`).catch(() => undefined);
  const answer = bytes && fault(file, bytes);
  if (answer === 'stall') {
    context.req.socket.setTimeout(0);
    await new Promise((resolve) => context.req.once('close', resolve));
  } else if (answer === 'fail') {
    context.status = 503;
  } else if (answer) {
    context.body = answer;
  } else {
    context.status = 404;
  }
  return undefined;
}

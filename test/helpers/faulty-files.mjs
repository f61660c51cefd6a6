// Serves the repository under /faulty/SESSION/, where one file at a time can be made to fail: for tests of what a page
// does then, and whether it works again once the fault is mended.
// /fault?session=S&file=PATH&kind=KIND sets a session's fault; without a kind it is mended. It answers how often each file
// was asked for, and from where the one that failed was taken up.
import { readFile } from 'node:fs/promises';

const faults = new Map();
const requests = new Map();

const types = { js: 'text/javascript', json: 'application/json' };

/** Answers past the test server, which would tell browsers to keep everything for a year. */
function send(context, body, { status = 200, headers = {}, length = body.length } = {}) {
  context.respond = false;
  context.res.writeHead(status, {
    'content-type': types[context.path.split('.').at(-1)] ?? 'application/octet-stream',
    'content-length': length,
    'cache-control': 'no-store',
    'access-control-allow-origin': '*',
    ...headers,
  });
  if (length === body.length) return context.res.end(body);
  context.res.write(body);
  // A stream that breaks drops what was not read of it yet, and a busy page reads late.
  setTimeout(() => context.req.socket.destroy(), 300);
  return undefined;
}

const nothing = Buffer.alloc(0);
const firstHalf = (bytes) => bytes.subarray(0, bytes.length / 2);

const answers = {
  404: (context) => send(context, nothing, { status: 404 }),
  500: (context) => send(context, nothing, { status: 500 }),
  /** The app's page, as single-page servers answer. */
  html: (context) =>
    send(context, Buffer.from('<!doctype html><title>App</title>'), {
      headers: { 'content-type': 'text/html' },
    }),
  truncated: (context, bytes) => send(context, firstHalf(bytes)),
  corrupt(context, bytes) {
    // The middle of a script may be a string, which may hold anything.
    bytes[context.path.endsWith('.js') ? 0 : bytes.length >> 1] = 0;
    return send(context, bytes);
  },
  /** The connection breaks in the middle, each time. */
  cut: (context, bytes) => send(context, firstHalf(bytes), { length: bytes.length }),
  /** Nothing comes, ever. */
  async hanging(context) {
    context.respond = false;
    context.req.socket.setTimeout(0);
    await new Promise((resolve) => context.req.once('close', resolve));
  },
  /** The connection breaks in the middle, once; the rest can be asked for. */
  'cut once'(context, bytes, fault) {
    const start = Number(/bytes=(\d+)-/.exec(context.get('range'))?.[1] ?? 0);
    if (start === 0 && !fault.cut) {
      fault.cut = true;
      return answers.cut(context, bytes);
    }
    fault.ranges = [...(fault.ranges ?? []), start];
    const range = { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` };
    const rest = bytes.subarray(start);
    return start > 0 ? send(context, rest, { status: 206, headers: range }) : send(context, rest);
  },
};

export async function faultyFiles(context, next) {
  if (context.path === '/fault') {
    const { session, file, kind } = context.query;
    const last = faults.get(session);
    faults.set(session, { file, kind });
    context.body = { ranges: last?.ranges ?? [], requests: requests.get(session) ?? {} };
    return undefined;
  }
  const [, session, file] = /^\/faulty\/([^/]+)\/(.+)$/.exec(context.path) ?? [];
  if (!session) return next();
  const counts = requests.get(session) ?? {};
  requests.set(session, { ...counts, [file]: (counts[file] ?? 0) + 1 });
  const bytes = await readFile(file).catch(() => undefined);
  if (!bytes) return answers[404](context);
  const fault = faults.get(session);
  const isFaulty = fault?.kind && file === fault.file;
  return isFaulty ? answers[fault.kind](context, bytes, fault) : send(context, bytes);
}

// Serves the repository under /faulty/SESSION/, where one file at a time can be made to fail: for tests of what a page
// does then, and whether it works again once the fault is mended.
// /fault?session=S&file=PATH&kind=KIND sets a session's fault; without a kind it is mended.
import { readFile } from 'node:fs/promises';

const faults = new Map();

const types = { js: 'text/javascript', json: 'application/json' };

const answers = {
  404: (context) => (context.status = 404),
  500: (context) => (context.status = 500),
  /** The app's page, as single-page servers answer. */
  html(context) {
    context.type = 'text/html';
    context.body = '<!doctype html><title>App</title>';
  },
  truncated: (context, bytes) => (context.body = bytes.subarray(0, bytes.length / 2)),
  corrupt(context, bytes) {
    bytes[bytes.length >> 1] = 0;
    context.body = bytes;
  },
  /** The connection breaks in the middle, each time. */
  cut(context, bytes) {
    context.respond = false;
    context.res.writeHead(200, { 'content-type': context.type, 'content-length': bytes.length });
    context.res.write(bytes.subarray(0, bytes.length / 2));
    setTimeout(() => context.req.socket.destroy(), 50);
  },
  /** Nothing comes, ever. */
  async hanging(context) {
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
    if (start > 0) {
      context.status = 206;
      context.set('Content-Range', `bytes ${start}-${bytes.length - 1}/${bytes.length}`);
    }
    context.body = bytes.subarray(start);
    return undefined;
  },
};

export async function faultyFiles(context, next) {
  if (context.path === '/fault') {
    const { session, file, kind } = context.query;
    const last = faults.get(session);
    faults.set(session, { file, kind });
    context.body = { ranges: last?.ranges ?? [] };
    return undefined;
  }
  const [, session, file] = /^\/faulty\/([^/]+)\/(.+)$/.exec(context.path) ?? [];
  if (!session) return next();
  const bytes = await readFile(file).catch(() => undefined);
  context.set('Cache-Control', 'no-store');
  if (!bytes) {
    context.status = 404;
    return undefined;
  }
  context.type = types[file.split('.').at(-1)] ?? 'application/octet-stream';
  const fault = faults.get(session);
  if (fault?.kind && file === fault.file) return answers[fault.kind](context, bytes, fault);
  context.body = bytes;
  return undefined;
}

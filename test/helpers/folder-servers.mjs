// Serves the golden folders under /served/KIND/FOLDER/ as hosts do that this server is not: for tests of what a pipeline
// does without HEAD requests, without ranges, with redirects to another origin, and without CORS.
import { readFile } from 'node:fs/promises';

/** How often each file was asked for, by method. */
const requests = new Map();

function answer(context, status, body, headers = {}) {
  context.respond = false;
  context.res.writeHead(status, {
    'cache-control': 'no-store',
    'access-control-allow-origin': '*',
    ...headers,
  });
  context.res.end(body);
}

const send = (context, bytes, headers) => {
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(context.get('range')) ?? [];
  const length = { 'content-length': bytes.length, ...headers };
  if (context.method === 'HEAD') return answer(context, 200, undefined, length);
  if (first === undefined || !headers?.['accept-ranges'])
    return answer(context, 200, bytes, length);
  const part = bytes.subarray(Number(first), last ? Number(last) + 1 : undefined);
  return answer(context, 206, part, {
    'content-length': part.length,
    'content-range': `bytes ${first}-${Number(first) + part.length - 1}/${bytes.length}`,
  });
};

const ranges = { 'accept-ranges': 'bytes', etag: '"1"' };

/** Networks that have broken off once. */
const broken = new Set();

/** Sends nine tenths of a network once, then goes on where it is asked to; from elsewhere its ranges can't be read. */
function breakOnce(context, bytes) {
  const isRest = context.get('range') !== '' && context.get('range') !== 'bytes=0-0';
  if (
    !context.path.endsWith('.onnx') ||
    context.method === 'HEAD' ||
    isRest ||
    broken.has(context.path)
  ) {
    return send(context, bytes, ranges);
  }
  broken.add(context.path);
  context.respond = false;
  context.res.writeHead(200, {
    'content-length': bytes.length,
    'access-control-allow-origin': '*',
  });
  context.res.write(bytes.subarray(0, Math.floor(0.9 * bytes.length)));
  setTimeout(() => context.req.socket.destroy(), 100);
  return undefined;
}

const kinds = {
  'break-once': breakOnce,
  plain: (context, bytes) => send(context, bytes, ranges),
  'no-head': (context, bytes) =>
    context.method === 'HEAD' ? answer(context, 405) : send(context, bytes, ranges),
  'no-head-no-range': (context, bytes) =>
    context.method === 'HEAD' ? answer(context, 501) : send(context, bytes),
  'no-cors': (context, bytes) => {
    send(context, bytes, { 'access-control-allow-origin': 'https://elsewhere.example' });
  },
};

/** As the Hugging Face Hub does: the address of a file leads to a store on another origin. */
function hub(context, path) {
  const host = context.host.replace('localhost', '127.0.0.1');
  const location = `http://${host}/served/plain/${path}`;
  answer(context, 302, undefined, { location });
}

export async function folderServers(context, next) {
  if (context.path === '/served-requests') {
    context.body = Object.fromEntries(requests);
    return undefined;
  }
  const resolved = /^\/hub\/tiny\/([^/]+)\/resolve\/main\/(.+)$/.exec(context.path);
  const [, kind, path] = /^\/served\/([^/]+)\/(.+)$/.exec(context.path) ?? [
    context.path,
    'hub',
    resolved?.slice(1).join('/'),
  ];
  if (!path || !(kind in kinds || resolved)) return next();
  const key = `${context.method} ${context.path}`;
  requests.set(key, (requests.get(key) ?? 0) + 1);
  const bytes = await readFile(`test/golden/pipelines/${path}`).catch(() => undefined);
  if (!bytes) return answer(context, 404);
  return resolved ? hub(context, path) : kinds[kind](context, bytes);
}

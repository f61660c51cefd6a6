// A static server for the page and the build: nothing but files.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const model = fileURLToPath(new URL('../../../models/fashion-mnist/', import.meta.url));
const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
};

/** Serves this folder, `dist` under /dist/ and a model's folder under /folder/; gives the address of the page. */
export async function serve(dist) {
  const server = createServer(async ({ url }, response) => {
    try {
      const path = normalize(decodeURIComponent(new URL(url, 'http://localhost').pathname));
      const [, top, rest] = /^\/(\w+)\/(.*)$/.exec(path) ?? [];
      const folder = { dist, folder: model }[top];
      const file = folder ? join(folder, rest) : join(here, path);
      const body = await readFile(file);
      response.setHeader('Content-Type', types[extname(file)] ?? 'application/octet-stream');
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${server.address().port}/page.html`;
}

// Servers for the apps: a static one, as plain as a web host, and those of the frameworks.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { start } from './processes.mjs';

const START_TIMEOUT = 60_000;

const types = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

function listen(server) {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, 'localhost', () => resolve(server.address().port));
  });
}

/**
 * Serves a folder at a free port.
 *
 * @param {string} folder
 * @param {{ headers?: Record<string, string>, replace?: Record<string, string> }} [options] headers of every answer;
 *   texts to replace in HTML
 */
export async function serveFolder(folder, { headers = {}, replace = {} } = {}) {
  const server = createServer(async (request, response) => {
    const path = new URL(request.url, 'http://localhost').pathname;
    const file = join(folder, path.endsWith('/') ? `${path}index.html` : path);
    const extension = extname(file);
    try {
      const body = await readFile(file);
      response.writeHead(200, {
        ...headers,
        'content-type': types[extension] ?? 'application/octet-stream',
      });
      response.end(extension === '.html' ? replaceAll(body.toString(), replace) : body);
    } catch {
      response.writeHead(404, { ...headers, 'content-type': 'text/plain' }).end('Not found');
    }
  });
  const port = await listen(server);
  return {
    url: `http://localhost:${port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function replaceAll(text, replace) {
  return Object.entries(replace).reduce((all, [from, to]) => all.replaceAll(from, to), text);
}

async function freePort() {
  const server = createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return `${port}`;
}

/**
 * Starts a framework's own server and waits until it answers.
 *
 * @param {(port: string) => string[]} command
 * @param {string} cwd the app's folder
 */
export async function serveCommand(command, cwd) {
  const port = await freePort();
  const server = start(command(port), { cwd, env: { PORT: port } });
  const url = `http://localhost:${port}`;
  const deadline = Date.now() + START_TIMEOUT;
  while (!(await answers(url))) {
    if (server.hasEnded() || Date.now() > deadline) {
      server.stop();
      throw new Error(`the server did not start: ${server.output().trim().slice(-300)}`);
    }
    await wait(200);
  }
  return { url, close: server.stop, output: server.output };
}

function answers(url) {
  return fetch(url, { method: 'HEAD' }).then(
    () => true,
    () => false,
  );
}

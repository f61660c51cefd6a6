// WebKitGTK: its MiniBrowser on a screen of its own, through WebKitWebDriver.
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { findBinary, start, temporaryFolder } from './host.mjs';

/** The protocol's characters for keys that have none. */
const keys = { Control: '\uE009' };
const SCRIPT_LIMIT = 120_000;

export const webkit = {
  name: 'WebKit',
  missing:
    'no WebKitWebDriver or no Xvfb: run "sudo apt-get install webkit2gtk-driver xvfb", or set WEBKIT_DRIVER and XVFB',

  find() {
    const driver = findBinary('WEBKIT_DRIVER', ['WebKitWebDriver']);
    const xvfb = findBinary('XVFB', ['Xvfb']);
    return driver && xvfb && { driver, xvfb };
  },

  async launch({ driver, xvfb }) {
    const home = temporaryFolder();
    const screen = await startScreen(xvfb);
    const service = await startDriver(driver, { HOME: home.path, DISPLAY: screen.display });
    const { sessionId, capabilities } = await service.call('POST', '/session', {
      capabilities: { alwaysMatch: { timeouts: { script: SCRIPT_LIMIT } } },
    });
    const call = (method, path, body) => service.call(method, `/session/${sessionId}${path}`, body);
    const evaluate = (expression) =>
      call('POST', '/execute/sync', { script: `return ${expression}`, args: [] });
    return {
      version: capabilities.browserVersion,
      evaluate,

      async open(url) {
        await call('POST', '/url', { url });
        // A session's first page is now and then said to be there before its scripts have run.
        const loaded = `document.URL === '${url}' && document.readyState === 'complete'`;
        while (!(await evaluate(loaded))) await pause(50);
      },

      drag: (points) => call('POST', '/actions', { actions: [dragActions(points)] }),
      press: (modifier, key) =>
        call('POST', '/actions', { actions: [pressActions(modifier, key)] }),

      async close() {
        await call('DELETE', '');
        await service.stop();
        await screen.stop();
        home.remove();
      },
    };
  },
};

/** A virtual screen, which picks its own free number. */
async function startScreen(xvfb) {
  const { child, alive, stop } = start(xvfb, ['-displayfd', '3', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const [number] = await alive(once(child.stdio[3], 'data'));
  return { display: `:${String(number).trim()}`, stop };
}

/** The driver, ready for calls. */
async function startDriver(driver, variables) {
  const port = await freePort();
  const { alive, stop } = start(driver, [`--port=${port}`], {
    stdio: 'ignore',
    env: { ...process.env, ...variables, WEBKIT_DISABLE_DMABUF_RENDERER: '1', NO_AT_BRIDGE: '1' },
  });
  const call = async (method, path, body) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      body: body && JSON.stringify(body),
    });
    const { value } = await response.json();
    if (!response.ok) throw new Error(`${value.error}: ${value.message}`);
    return value;
  };
  const status = () => call('GET', '/status').catch(() => undefined);
  while (!(await alive(status()))?.ready) await pause(50);
  return { call, stop };
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

function dragActions(points) {
  const [first, ...rest] = points.map(([x, y]) => ({ type: 'pointerMove', x, y, duration: 0 }));
  const [down, up] = ['pointerDown', 'pointerUp'].map((type) => ({ type, button: 0 }));
  return {
    type: 'pointer',
    id: 'mouse',
    parameters: { pointerType: 'mouse' },
    actions: [first, down, ...rest, up],
  };
}

function pressActions(modifier, key) {
  const [down, up] = ['keyDown', 'keyUp'].map((type) => (value) => ({ type, value }));
  const held = keys[modifier];
  return { type: 'key', id: 'keyboard', actions: [down(held), down(key), up(key), up(held)] };
}

// Commands in an app's folder, with its own tools on the path.
import { spawn } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

const running = new Set();

process.on('exit', () => running.forEach((stop) => stop()));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

/**
 * Starts a command, the leader of a process group of its own, so that all it starts can be stopped with it.
 *
 * @param {string[]} command
 * @param {{ cwd: string, env?: Record<string, string> }} options
 */
export function start([program, ...args], { cwd, env = {} }) {
  const child = spawn(program, args, {
    cwd,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      PATH: `${join(cwd, 'node_modules/.bin')}${delimiter}${process.env.PATH}`,
      NO_COLOR: '1',
      ASTRO_TELEMETRY_DISABLED: '1',
      NEXT_TELEMETRY_DISABLED: '1',
      ...env,
    },
  });
  let output = '';
  let hasEnded = false;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => (output += text));
  }
  const stop = () => {
    running.delete(stop);
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // The whole group has ended.
    }
  };
  running.add(stop);
  const ended = new Promise((resolve) => {
    child.once('error', (error) => {
      output += error.message;
      resolve(1);
    });
    child.once('close', (code) => resolve(code ?? 1));
  });
  ended.then(() => (hasEnded = true));
  return { ended, stop, hasEnded: () => hasEnded, output: () => stripVTControlCharacters(output) };
}

/** Runs a command to its end. */
export async function run(command, options) {
  const { ended, output, stop } = start(command, options);
  const code = await ended;
  stop();
  return { succeeded: code === 0, output: output() };
}

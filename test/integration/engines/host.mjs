// What the engines take from this machine: binaries, processes and folders. Processes and folders that are still
// there when Node exits go with it.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** A program: the file that a variable names, or the first of these names on the PATH; undefined if there is none. */
export function findBinary(variable, names) {
  const { [variable]: chosen, PATH = '' } = process.env;
  if (chosen) {
    if (existsSync(chosen)) return chosen;
    throw new Error(`${variable} is ${chosen}, but there is no such file.`);
  }
  const folders = PATH.split(delimiter);
  return names
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find((path) => existsSync(path));
}

/** Starts a process in a group of its own. */
export function start(command, args, options) {
  const child = spawn(command, args, { ...options, detached: true });
  const ended = new Promise((resolve) => {
    child.once('error', ({ message }) => resolve(message));
    child.once('exit', () => resolve(`${command} has ended`));
  });
  const signal = (name) => {
    try {
      process.kill(-child.pid, name);
    } catch {
      // None of the group is left.
    }
  };
  const terminate = () => signal('SIGTERM');
  // Before the folders go that it writes to.
  process.prependOnceListener('exit', terminate);
  return {
    child,

    /** Awaits what the process is to do; rejects where it ends instead. */
    async alive(promise) {
      const early = ended.then((message) => {
        throw new Error(message);
      });
      return Promise.race([promise, early]);
    },

    /** Ends the group. */
    async stop() {
      terminate();
      await ended;
      signal('SIGKILL');
      process.removeListener('exit', terminate);
    },
  };
}

/** A new folder; `remove()` takes it away with all that is in it. */
export function temporaryFolder() {
  const path = mkdtempSync(join(tmpdir(), 'engine-'));
  const remove = () => {
    rmSync(path, { recursive: true, force: true, maxRetries: 10 });
    process.removeListener('exit', remove);
  };
  process.once('exit', remove);
  return { path, remove };
}

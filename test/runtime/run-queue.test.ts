import { expect } from 'chai';
import { DiffusionError } from '../../components/errors.js';
import { RunQueue } from '../../components/runtime/run-queue.js';

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const outcome = (promise: Promise<unknown>) =>
  promise.then(String, (error: Error) =>
    error instanceof DiffusionError ? error.code : error.name,
  );

/** A task that ends when told. */
function endless() {
  let end = (_value: string): void => undefined;
  const promise = new Promise<string>((resolve) => (end = resolve));
  return { task: () => promise, end };
}

describe('RunQueue', () => {
  it('runs one task at a time, in order, and goes on after a failure', async () => {
    const queue = new RunQueue();
    const log: string[] = [];
    const task = (name: string, fails = false) =>
      queue.add(async () => {
        log.push(`${name} starts`);
        await sleep(5);
        log.push(`${name} ends`);
        if (fails) throw new Error(name);
        return name;
      });
    const results = await Promise.allSettled([task('a'), task('b', true), task('c')]);
    expect(log).to.deep.equal(['a starts', 'a ends', 'b starts', 'b ends', 'c starts', 'c ends']);
    expect(results.map(({ status }) => status)).to.deep.equal([
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    expect(queue.size).to.equal(0);
  });

  it('refuses everybody while a task hangs, runs what must be run, and works again', async () => {
    const queue = new RunQueue();
    const { task, end } = endless();
    const log: string[] = [];
    const hung = outcome(queue.add(task, { limit: 20 }));
    const behind = outcome(queue.add(() => log.push('behind')));
    const kept = outcome(queue.add(() => log.push('kept'), { keep: true }));
    expect(await hung).to.equal('device-lost');
    expect(await behind).to.equal('device-lost');
    expect(await kept).to.equal('device-lost');
    expect(await outcome(queue.add(() => log.push('late')))).to.equal('device-lost');
    expect(log).to.deep.equal([]);
    end('at last');
    await sleep(5);
    expect(log).to.deep.equal(['kept']);
    expect(await queue.add(() => 'again')).to.equal('again');
  });

  it('gives up a task that others have waited behind for too long, not one that is alone', async () => {
    const queue = new RunQueue();
    const alone = endless();
    const first = outcome(queue.add(alone.task, { patience: 10 }));
    await sleep(30);
    alone.end('in its own time');
    expect(await first).to.equal('in its own time');

    const slow = endless();
    const second = outcome(queue.add(slow.task, { patience: 10 }));
    await sleep(30);
    const behind = outcome(queue.add(() => 'never'));
    const dispensable = outcome(queue.add(() => 'never', { patience: 10 }));
    expect(await second).to.equal('AbortError');
    expect(await behind).to.equal('device-lost');
    expect(await dispensable).to.equal('AbortError');
    slow.end('');
    await sleep(1);
    expect(await queue.add(() => 'again')).to.equal('again');
  });

  it('is quiet once nothing has run for a while', async () => {
    const queue = new RunQueue();
    await queue.quiet(1000);
    const log: string[] = [];
    void queue.add(() => sleep(10)).then(() => log.push('first'));
    const quiet = queue.quiet(30).then(() => log.push('quiet'));
    await sleep(25);
    await queue.add(() => log.push('second'));
    await quiet;
    expect(log).to.deep.equal(['first', 'second', 'quiet']);
  });
});

import { expect } from 'chai';
import { RunQueue } from '../../components/runtime/run-queue.js';

describe('RunQueue', () => {
  it('runs one task at a time, in order, and goes on after a failure', async () => {
    const queue = new RunQueue();
    const log: string[] = [];
    const task = (name: string, fails = false) =>
      queue.add(async () => {
        log.push(`${name} starts`);
        await new Promise((resolve) => setTimeout(resolve, 5));
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
});

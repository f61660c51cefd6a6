import { expect } from 'chai';
import { TorchGenerator } from '../../components/schedulers/index.js';
import { decode, largestDifference, randnCases } from '../helpers/golden.js';

const SHORT_DRAWS = [
  -0.1467951, 0.7861413, 0.9468216, -1.114344, 1.6907902, -0.8948279, -0.355625, 1.2323858,
  -1.5826646, -0.3245666, 1.8149728,
];

describe('TorchGenerator', () => {
  for (const { seed, n, first16, last16, then16, sum } of randnCases) {
    it(`draws the ${n} numbers of torch.randn after manual_seed(${seed}), and the next 16`, () => {
      const generator = new TorchGenerator(seed);
      const drawn = generator.randn(n);
      expect(largestDifference(drawn.slice(0, 16), decode(first16))).to.be.below(1e-6);
      expect(largestDifference(drawn.slice(-16), decode(last16))).to.be.below(1e-6);
      expect(drawn.reduce((total, x) => total + x, 0)).to.be.closeTo(sum, 1e-4);
      expect(largestDifference(generator.randn(16), decode(then16))).to.be.below(1e-6);
    });
  }

  // torch.manual_seed(7); torch.randn(3), torch.randn(5), torch.randn(20)[:2], torch.randn(1), PyTorch 1.13.
  it('pairs short draws across calls as PyTorch does', () => {
    const generator = new TorchGenerator(7);
    const drawn = [
      ...generator.randn(3),
      ...generator.randn(5),
      ...generator.randn(20).slice(0, 2),
      ...generator.randn(1),
    ];
    expect(largestDifference(drawn, SHORT_DRAWS)).to.be.below(1e-6);
  });

  it('takes the low 32 bits of seeds up to 2^64 - 1', () => {
    const low = new TorchGenerator(0xfffffffe).randn(32);
    expect(new TorchGenerator((1n << 64n) - 2n).randn(32)).to.deep.equal(low);
    expect(() => new TorchGenerator(1n << 64n)).to.throw('2^64');
    expect(() => new TorchGenerator(-1)).to.throw('seed is -1');
    expect(() => new TorchGenerator(0.5)).to.throw('seed is 0.5');
  });

  it('has mean 0, variance 1 and no outliers beyond seven deviations', () => {
    const drawn = new TorchGenerator(3).randn(1_000_003);
    let sum = 0;
    let squares = 0;
    let largest = 0;
    for (const x of drawn) {
      sum += x;
      squares += x * x;
      largest = Math.max(largest, Math.abs(x));
    }
    expect(sum / drawn.length).to.be.closeTo(0, 0.005);
    expect(squares / drawn.length).to.be.closeTo(1, 0.005);
    expect(largest).to.be.within(4, 7);
  });
});

import { expect } from 'chai';
import { ArenaTensor, scratch, stage } from '../../components/kernels/arena.js';
import { kernels } from '../../components/kernels/kernels.js';
import { TorchGenerator } from '../../components/schedulers/index.js';
import { largestDifference } from '../helpers/golden.js';

/** Lengths with and without a scalar tail. */
const lengths = [1, 3, 4, 16, 31, 784, 12288];

function random(dims: number[], seed: number): ArenaTensor {
  const tensor = new ArenaTensor(dims);
  new TorchGenerator(seed).fill(tensor);
  return tensor;
}

const round = Math.fround;

describe('kernels', () => {
  it('are at most 24 kB and import nothing', async () => {
    const { kernelsWasm } = await import('../../components/kernels/kernels-wasm.js');
    const bytes = Uint8Array.from(atob(kernelsWasm), (character) => character.charCodeAt(0));
    expect(bytes.length).to.be.at.most(24_000);
    expect(WebAssembly.Module.imports(new WebAssembly.Module(bytes))).to.deep.equal([]);
  });

  for (const length of lengths) {
    it(`combines two, three and four arrays of ${length}`, () => {
      const [x, y, z, w] = [1, 2, 3, 4].map((seed) => random([length], seed)) as ArenaTensor[];
      const out = new ArenaTensor([length]);
      const k = kernels();
      const [a, b, c, d] = [0.5, -1.25, 2, 0.1].map(round) as [number, number, number, number];
      const two = x!.data.map((v, i) => round(a * v) + round(b * y!.data[i]!));
      const three = two.map((v, i) => v + round(c * z!.data[i]!));
      const four = three.map((v, i) => v + round(d * w!.data[i]!));
      k.combine2(out.pointer, x!.pointer, a, y!.pointer, b, length);
      expect(out.data).to.deep.equal(two);
      k.combine3(out.pointer, x!.pointer, a, y!.pointer, b, z!.pointer, c, length);
      expect(out.data).to.deep.equal(three);
      const more = [z!.pointer, c, w!.pointer, d] as const;
      k.combine4(out.pointer, x!.pointer, a, y!.pointer, b, ...more, length);
      expect(out.data).to.deep.equal(four);
    });

    it(`divides ${length} values`, () => {
      const x = random([length], 1);
      const expected = x.data.map((v) => v / round(0.3));
      kernels().divide(x.pointer, x.pointer, 0.3, length);
      expect(x.data).to.deep.equal(expected);
    });
  }

  it('guides the prediction and leaves the variance alone', () => {
    const unconditional = random([2, 2, 3, 3], 1);
    const conditional = random([2, 2, 3, 3], 2);
    const out = new ArenaTensor([2, 2, 3, 3]);
    const scale = 2.5;
    kernels().guide(out.pointer, unconditional.pointer, conditional.pointer, scale, 2, 18, 9);
    const expected = conditional.data.map((c, i) => {
      const u = unconditional.data[i]!;
      return i % 18 < 9 ? u + scale * round(c - u) : c;
    });
    expect(largestDifference(out.data, expected)).to.be.below(1e-6);
  });

  it('rescales guidance to the contrast of the conditional, and leaves the variance alone', () => {
    const [items, stride, length] = [2, 22, 11];
    const guided = random([items, stride], 1);
    const before = guided.data.slice();
    const conditional = random([items, stride], 2);
    kernels().rescaleGuidance(guided.pointer, conditional.pointer, 0.7, items, stride, length);
    const deviation = (values: Float32Array) => {
      const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
      return Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0));
    };
    const expected = before.map((x, i) => {
      const from = Math.floor(i / stride) * stride;
      if (i - from >= length) return x;
      const part = (all: Float32Array) => deviation(all.subarray(from, from + length));
      return x * ((0.7 * part(conditional.data)) / part(before) + 0.3);
    });
    expect(largestDifference(guided.data, expected)).to.be.below(1e-5);
  });

  for (const length of lengths) {
    it(`blends a known picture into ${length} values, with noise and without`, () => {
      const [known, noise] = [random([length], 2), random([length], 3)];
      const mask = new ArenaTensor([length]);
      mask.data.forEach((_, i) => (mask.data[i] = (i % 5) / 4));
      for (const noisePointer of [0, noise.pointer]) {
        const x = random([length], 1);
        const expected = x.data.map((value, i) => {
          const m = mask.data[i]!;
          const kept = 0.8 * known.data[i]! + (noisePointer ? 0.6 * noise.data[i]! : 0);
          return m * kept + (1 - m) * value;
        });
        const pointers = [known.pointer, 0.8, noisePointer, 0.6, mask.pointer] as const;
        kernels().blend(x.pointer, ...pointers, length);
        expect(largestDifference(x.data, expected)).to.be.below(1e-6);
      }
    });

    it(`finds quantiles of ${length} values, equal ones among them`, () => {
      for (const ratio of [0, 0.25, 0.5, 0.995, 1]) {
        const x = random([length], 6);
        x.data.forEach((value, i) => (x.data[i] = i % 3 ? 3 * value : 2));
        const sorted = x.data.map(Math.abs).sort();
        const at = ratio * (length - 1);
        const low = sorted[Math.floor(at)]!;
        const s = Math.max(1, low + (at % 1) * (sorted[Math.ceil(at)]! - low));
        const expected = x.data.map((value) => Math.max(-s, Math.min(s, value)) / s);
        kernels().threshold(x.pointer, 1, length, ratio, 100);
        expect(largestDifference(x.data, expected), `ratio ${ratio}`).to.be.below(1e-6);
      }
    });
  }

  it('adds noise of a learned variance within float precision of its formula', () => {
    const [items, length] = [2, 7];
    const sample = random([items, length], 1);
    const before = sample.data.slice();
    const model = random([items, 2 * length], 2);
    const noise = random([items, length], 3);
    const [low, high] = [-9, -4];
    const variance = model.pointer + 4 * length;
    const layout = [items, length, 2 * length] as const;
    kernels().addRangeNoise(sample.pointer, variance, noise.pointer, ...layout, low, high);
    const expected = before.map((x, i) => {
      const v = model.data[Math.floor(i / length) * 2 * length + length + (i % length)]!;
      const logVariance = low + ((v + 1) / 2) * (high - low);
      return x + Math.exp(0.5 * logVariance) * noise.data[i]!;
    });
    expect(largestDifference(sample.data, expected)).to.be.below(1e-6);
  });

  it('turns floats into RGBA and back, rounding halves to even and clipping', () => {
    const area = 7;
    const planes = new ArenaTensor([1, 1, 1, area]);
    planes.data.set([-2, -1, -0.5, 0, 0.5, 1, 3]);
    const rgba = new ArenaTensor([area]);
    kernels().toRgba(rgba.pointer, planes.pointer, area, 1);
    const grey = Array.from({ length: area }, (_, i) => rgba.bytes[4 * i]);
    expect(grey).to.deep.equal([0, 0, 64, 128, 191, 255, 255]);
    expect(rgba.bytes[3]).to.equal(255);
    const colours = random([1, 3, 3, 3], 4);
    const bytes = new ArenaTensor([9]);
    const back = new ArenaTensor([1, 3, 3, 3]);
    kernels().toRgba(bytes.pointer, colours.pointer, 9, 3);
    kernels().fromRgba(back.pointer, bytes.pointer, 9, 3);
    const clipped = colours.data.map((x) => Math.max(-1, Math.min(1, x)));
    expect(largestDifference(back.data, clipped)).to.be.below(1 / 254);
  });
});

describe('the arena', () => {
  it('hands out freed memory again', () => {
    const first = new ArenaTensor([1000]);
    first.release();
    first.release();
    const second = new ArenaTensor([1000]);
    const third = new ArenaTensor([1000]);
    expect(second.pointer).to.equal(first.pointer);
    expect(third.pointer).not.to.equal(second.pointer);
  });

  it('keeps values when memory grows, through views made anew', () => {
    const kept = new ArenaTensor([16]);
    kept.data.fill(7);
    const large = new ArenaTensor([4_000_000]);
    expect(kept.data).to.deep.equal(new Float32Array(16).fill(7));
    large.release();
  });

  it('stages foreign arrays and passes its own by pointer', () => {
    const own = new ArenaTensor([4]);
    expect(stage(1, own)).to.equal(own.pointer);
    const pointer = stage(1, { data: Float32Array.of(1, 2), dims: [2] });
    expect(pointer).to.equal(scratch(1, 2).pointer);
  });
});

describe('the kernels of training', () => {
  for (const length of lengths) {
    it(`sums ${length} products in double precision`, () => {
      const [x, y] = [random([length], 1), random([length], 2)];
      const expected = x.data.reduce((sum, v, i) => sum + v * y.data[i]!, 0);
      expect(kernels().dot(x.pointer, y.pointer, length)).to.be.closeTo(expected, 1e-9 * length);
    });
  }

  for (const [m, n, k] of [
    [1, 1, 1],
    [4, 8, 5],
    [5, 9, 3],
    [7, 2, 64],
    [10, 15, 6],
    [256, 64, 32],
  ] as const) {
    it(`multiplies ${m} x ${k} by ${k} x ${n}, as it stands and transposed`, () => {
      const [a, b, turned] = [random([m, k], 1), random([k, n], 2), new ArenaTensor([k, m])];
      const out = new ArenaTensor([m, n]);
      const expected = Float32Array.from({ length: m * n }, (_, at) => {
        let sum = 0;
        for (let p = 0; p < k; p++) {
          sum = round(sum + round(a.data[Math.floor(at / n) * k + p]! * b.data[p * n + (at % n)]!));
        }
        return sum;
      });
      kernels().matmul(out.pointer, a.pointer, k, 1, b.pointer, m, n, k);
      expect(out.data).to.deep.equal(expected);
      kernels().transpose(turned.pointer, a.pointer, m, k);
      out.data.fill(0);
      kernels().matmul(out.pointer, turned.pointer, 1, m, b.pointer, m, n, k);
      expect(out.data).to.deep.equal(expected);
    });
  }

  it('applies SiLU and its slope', () => {
    const x = random([37], 1);
    const out = new ArenaTensor([37]);
    kernels().silu(out.pointer, x.pointer, 37);
    const gate = (v: number) => 1 / (1 + Math.exp(-v));
    expect(
      largestDifference(
        out.data,
        x.data.map((v) => v * gate(v)),
      ),
    ).to.be.below(1e-6);
    out.data.fill(2);
    kernels().siluBackward(out.pointer, x.pointer, 37);
    const slopes = x.data.map((v) => 2 * gate(v) * (1 + v * (1 - gate(v))));
    expect(largestDifference(out.data, slopes)).to.be.below(1e-6);
  });

  it('adds a bias to each row and sums the rows', () => {
    const [x, bias, sum] = [random([3, 6], 1), random([6], 2), new ArenaTensor([6])];
    const expected = x.data.map((v, i) => v + bias.data[i % 6]!);
    kernels().addBias(x.pointer, bias.pointer, 3, 6);
    expect(x.data).to.deep.equal(expected);
    kernels().sumRows(sum.pointer, x.pointer, 3, 6);
    const sums = [0, 1, 2, 3, 4, 5].map((j) => expected[j]! + expected[6 + j]! + expected[12 + j]!);
    expect(largestDifference(sum.data, Float32Array.from(sums))).to.be.below(1e-6);
  });
});

import { expect } from 'chai';
import { parseBlend } from '../../components/pictures/label-blend.js';
import { parsePlace, placeText, readSeeds, shiftSeeds } from '../../components/pictures/seeds.js';

describe('seeds', () => {
  it('may be a place between two or among four', () => {
    expect(parsePlace('1,2@0.5')).to.deep.equal({ ends: [1, 2], place: 0.5 });
    const four = { ends: [1, 2, 3, 18446744073709551615n], place: [0.25, 1] };
    expect(parsePlace(' 1, 2,3 ,18446744073709551615 @ 0.25 , 1 ')).to.deep.equal(four);
  });

  it('are told again as they were given', () => {
    for (const seed of [7, 2n ** 64n - 1n, '1,2@0.5', '1,2,3,4@0,1']) {
      expect(readSeeds(seed).seed).to.equal(seed);
    }
    expect(readSeeds([1, 2]).seed).to.deep.equal([1, 2]);
    expect(readSeeds([1]).seed).to.equal(1);
    const text = placeText([1, 2, 3, 4], [0.25, 0.5]);
    expect(parsePlace(text)).to.deep.equal({ ends: [1, 2, 3, 4], place: [0.25, 0.5] });
  });

  it('are random where none is given, as a whole number', () => {
    const { seed } = readSeeds(undefined);
    expect(Number.isInteger(seed)).to.equal(true);
  });

  for (const wrong of [
    ...['', '7', 'x', '1@0.5', '1,2@', '1,2@1.5', '1,2@-1', '1,2@0.5,0.5', '1,2,3@0.5', '1,2@NaN'],
    ...['1,2,3,4@0.5', '1,2,3,4,5@0.5,0.5', '1,2@0..5', '18446744073709551616,2@0.5', '1.5,2@0.5'],
    ...[-1, 1.5, NaN, 2 ** 64, -1n, null, {}, true],
  ]) {
    it(`refuse ${typeof wrong} ${String(wrong)}`, () => {
      const read = () => readSeeds(wrong as never);
      if (wrong === null) expect(read).not.to.throw();
      else expect(read).to.throw(/seed is .*whole number/);
    });
  }

  it('go on for the windows of one picture, around the end of their range', () => {
    expect(shiftSeeds(readSeeds(2n ** 64n - 1n), 2)).to.deep.equal([1n]);
    expect(shiftSeeds(readSeeds('1,2@0.5'), 3)).to.equal('4,5@0.5');
  });
});

describe('a label between two', () => {
  it('is two names and a place', () => {
    const blend = { from: 'ankle boot', to: 't-shirt', share: 0.3 };
    expect(parseBlend(' ankle boot,t-shirt@0.3')).to.deep.equal(blend);
    expect(parseBlend('ankle boot , t-shirt @ 0.30 ')).to.deep.equal(blend);
  });

  for (const wrong of ['', 'bag', 'bag@0.5', 'bag, @0.5', 'bag, coat', 'bag, coat @ 2', 'a,b@x']) {
    it(`is not "${wrong}"`, () => expect(parseBlend(wrong)).to.equal(undefined));
  }
});

import { expect } from 'chai';
import { ArenaTensor } from '../../components/kernels/arena.js';
import { decodeInTiles, tilesAlong } from '../../components/networks/tiles.js';

/** A decoder that enlarges each latent to a square of its value. */
async function enlarge(tile: ArenaTensor, factor: number): Promise<ArenaTensor> {
  const [rows = 1, channels = 1, height = 1, width = 1] = tile.dims;
  const out = new ArenaTensor([rows, 3, height * factor, width * factor]);
  const area = height * width * factor ** 2;
  for (let i = 0; i < out.length; i++) {
    const row = Math.floor(i / (3 * area));
    const [x, y] = [i % (width * factor), Math.floor((i % area) / (width * factor))];
    const at = Math.floor(y / factor) * width + Math.floor(x / factor);
    out.data[i] = tile.data[row * channels * height * width + at]!;
  }
  return out;
}

describe('decoding in tiles', () => {
  it('covers each side, to its end, with parts that overlap', () => {
    expect(tilesAlong(64)).to.deep.equal([0]);
    for (const length of [65, 100, 128, 200, 500]) {
      const tiles = tilesAlong(length);
      expect([tiles[0], tiles.at(-1)]).to.deep.equal([0, length - 64]);
      tiles.slice(1).forEach((start, i) => expect(start - tiles[i]!).to.be.within(1, 48));
    }
  });

  it('gives what one piece gives, where the decoder looks at no neighbours', async () => {
    const latents = new ArenaTensor([2, 4, 70, 150]);
    for (let i = 0; i < latents.length; i++) latents.data[i] = Math.sin(i);
    let tiles = 0;
    const whole = await enlarge(latents, 2);
    const tiled = await decodeInTiles(latents, 2, (tile) => {
      tiles++;
      return enlarge(tile, 2);
    });
    expect(tiles).to.equal(6);
    expect(tiled.dims).to.deep.equal(whole.dims);
    const far = tiled.data.reduce((most, v, i) => Math.max(most, Math.abs(v - whole.data[i]!)), 0);
    expect(far).to.be.below(1e-5);
  });
});

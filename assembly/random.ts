import { cos4, log4, sin4 } from './math';

// PyTorch's CPU generator: the Mersenne Twister MT19937 (Matsumoto and Nishimura 1998), uniforms of 24 bits,
// and Box-Muller over blocks of sixteen: uniforms j and j + 8 of a block give normals j and j + 8.
//
// A generator's state is 2,512 bytes: 624 words, then the index of the next word.

const N: i32 = 624;
const M: i32 = 397;
const INDEX: usize = 2496;

/** Fills `state` from the low 32 bits of a seed, as torch.manual_seed does. */
export function seedGenerator(state: usize, seed: u32): void {
  store<u32>(state, seed);
  for (let i = 1; i < N; i++) {
    seed = 1812433253 * (seed ^ (seed >>> 30)) + <u32>i;
    store<u32>(state + (<usize>i << 2), seed);
  }
  store<i32>(state + INDEX, N);
}

// @ts-ignore: decorator
@inline
function twist(state: usize, i: i32, next: i32, far: i32): void {
  const at = state + (<usize>i << 2);
  const mixed = (load<u32>(at) & 0x80000000) | (load<u32>(state + (<usize>next << 2)) & 0x7fffffff);
  const odd = mixed & 1 ? <u32>0x9908b0df : 0;
  store<u32>(at, load<u32>(state + (<usize>far << 2)) ^ (mixed >>> 1) ^ odd);
}

function refill(state: usize): void {
  let i = 0;
  for (; i < N - M; i++) twist(state, i, i + 1, i + M);
  for (; i < N - 1; i++) twist(state, i, i + 1, i + M - N);
  twist(state, N - 1, 0, M - 1);
}

/** The next 32 random bits. */
export function nextUint32(state: usize): u32 {
  let index = load<i32>(state + INDEX);
  if (index == N) {
    refill(state);
    index = 0;
  }
  store<i32>(state + INDEX, index + 1);
  let y = load<u32>(state + (<usize>index << 2));
  y ^= y >>> 11;
  y ^= (y << 7) & 0x9d2c5680;
  y ^= (y << 15) & 0xefc60000;
  return y ^ (y >>> 18);
}

// Uniform in [0, 1): the low 24 bits.
// @ts-ignore: decorator
@inline
function uniform(state: usize): f32 {
  return <f32>(nextUint32(state) & 0xffffff) * <f32>(1.0 / 16777216.0);
}

// Four pairs of uniforms, 32 bytes apart, become four pairs of normals in place.
// @ts-ignore: decorator
@inline
function boxMuller(at: usize): void {
  const u1 = f32x4.sub(f32x4.splat(1), v128.load(at));
  const radius = f32x4.sqrt(f32x4.mul(f32x4.splat(-2), log4(u1)));
  const theta = f32x4.mul(f32x4.splat(6.283185307179586), v128.load(at, 32));
  v128.store(at, f32x4.mul(radius, cos4(theta)));
  v128.store(at, f32x4.mul(radius, sin4(theta)), 32);
}

/**
 * `length` >= 16 numbers of torch.randn (mean 0, variance 1) into `out`. The last sixteen are drawn anew
 * where the length is no multiple of sixteen, as PyTorch does.
 */
export function randn(state: usize, out: usize, length: i32): void {
  const end = out + (<usize>length << 2);
  for (let at = out; at < end; at += 4) store<f32>(at, uniform(state));
  let block = out;
  for (; block + 64 <= end; block += 64) {
    boxMuller(block);
    boxMuller(block + 16);
  }
  if (block < end) {
    block = end - 64;
    for (let at = block; at < end; at += 4) store<f32>(at, uniform(state));
    boxMuller(block);
    boxMuller(block + 16);
  }
}

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from './random.ts';

const WORD = (1n << 32n) - 1n;
const rotate = (x: bigint, k: bigint): bigint => ((x << k) | (x >> (32n - k))) & WORD;
type State = [bigint, bigint, bigint, bigint];

/** xoshiro128** as published, in exact integers. */
function* reference([a, b, c, d]: State): Generator<number> {
  for (;;) {
    yield Number((rotate((b * 5n) & WORD, 7n) * 9n) & WORD);
    const t = (b << 9n) & WORD;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = rotate(d, 11n);
  }
}

/** Inverse of an odd number modulo 2^32 (Newton). */
function inverse(odd: bigint): bigint {
  let x = odd;
  for (let k = 0; k < 5; k++) x = (x * (2n - odd * x)) & WORD;
  return x & WORD;
}

/** Solves the generator's equations for the state that gave these four words. */
function stateOf(words: number[]): State {
  const [b, b1, b2, b3] = words.map((word) => {
    return (rotate((BigInt(word) * inverse(9n)) & WORD, 25n) * inverse(5n)) & WORD;
  });
  const shifted = (x: bigint) => (x << 9n) & WORD;
  const c1 = b ^ b1 ^ shifted(b);
  const d1 = b3 ^ b2 ^ c1 ^ shifted(b1) ^ b1;
  const d = rotate(d1, 21n) ^ b;
  const c = b2 ^ b1 ^ b ^ shifted(b) ^ d;
  return [b ^ b1 ^ c, b, c, d];
}

const take = (random: Random, n: number): number[] => Array.from({ length: n }, () => random.uint32());

describe('the generator', () => {
  it('is xoshiro128**', () => {
    const known = reference([1n, 2n, 3n, 4n]);
    expect(Array.from({ length: 5 }, () => known.next().value)).toEqual([
      11520, 0, 5927040, 70819200, 2031721883,
    ]);
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.nat(), fc.string(), (seed, step, stream) => {
        const words = take(new Random(seed, step, stream), 40);
        const expected = reference(stateOf(words.slice(0, 4)));
        expect(words).toEqual(Array.from(words, () => expected.next().value));
      }),
      { numRuns: 50 },
    );
  });

  it('continues after a mask where the words left off', () => {
    const [masked, plain] = [new Random(9), new Random(9)];
    const mask = new Uint8Array(7);
    masked.fillMask(mask, 0.3);
    const halves = take(plain, 4).flatMap((word) => [word & 0xffff, word >>> 16]);
    expect([...mask]).toEqual(halves.slice(0, 7).map((half) => Number(half >= Math.round(0.3 * 65536))));
    expect(take(masked, 3)).toEqual(take(plain, 3));
  });

  it('repeats itself for the same seed, step and stream', () => {
    expect(take(new Random(1, 2, 'masks'), 50)).toEqual(take(new Random(1, 2, 'masks'), 50));
    expect(take(new Random(2 ** 40 + 1), 5)).not.toEqual(take(new Random(1), 5));
  });
});

describe('streams', () => {
  it('that differ in seed, step or name by one share nothing visible', () => {
    const streams: Float64Array[] = [];
    for (const seed of [0, 1, 2 ** 32]) {
      for (const step of [0, 1, 2]) {
        for (const name of ['', 'a', 'b', 'negatives', 'masks']) {
          const random = new Random(seed, step, name);
          streams.push(Float64Array.from({ length: 2000 }, () => random.uniform() - 0.5));
        }
      }
    }
    // The correlation of two independent streams of 2,000 has a standard deviation of 0.022.
    for (let i = 0; i < streams.length; i++) {
      for (let j = 0; j < i; j++) {
        const product = streams[i].reduce((sum, x, k) => sum + x * streams[j][k], 0);
        expect(Math.abs(product / 2000) * 12, `streams ${i} and ${j}`).toBeLessThan(0.12);
      }
    }
  });

  it('of 200,000 steps are all different', () => {
    const beginnings = new Set<number>();
    for (let step = 0; step < 200_000; step++) {
      const random = new Random(42, step, 'masks');
      beginnings.add(random.uint32() * 2 ** 20 + (random.uint32() >>> 12));
    }
    expect(beginnings.size).toBe(200_000);
  });
});

/** Pearson's statistic divided into standard deviations above its mean. */
function surprise(counts: number[]): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  const statistic = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  const freedom = counts.length - 1;
  return (statistic - freedom) / Math.sqrt(2 * freedom);
}

describe('draws', () => {
  it.each([2, 3, 7, 100, 6000])('below(%i) are uniform', (n) => {
    const random = new Random(n);
    const counts = new Array<number>(n).fill(0);
    for (let k = 0; k < Math.max(30_000, 20 * n); k++) counts[random.below(n)]++;
    expect(Math.abs(surprise(counts))).toBeLessThan(5);
  });

  it('below a number near 2^32 are uniform too: nothing wraps', () => {
    const n = 3 * 2 ** 30;
    const random = new Random(8);
    const counts = [0, 0, 0];
    for (let k = 0; k < 30_000; k++) counts[Math.floor(random.below(n) / 2 ** 30)]++;
    // A remainder without rejection would fall twice as often into the first third.
    expect(surprise(counts)).toBeLessThan(5);
    expect(random.below(1)).toBe(0);
  });

  it('are refused for an n without n values', () => {
    for (const n of [0, -1, 1.5, 2 ** 32 + 1, Number.NaN]) {
      expect(() => new Random(1).below(n), String(n)).toThrow(RangeError);
    }
  });

  it.each([0, 0.1, 0.2, 0.5, 0.9, 1])('of a mask drop at the rate %f', (rate) => {
    const mask = new Uint8Array(200_001);
    new Random(5, 1, 'mask').fillMask(mask, rate);
    const dropped = mask.reduce((sum, kept) => sum + (1 - kept), 0) / mask.length;
    expect(mask.every((kept) => kept === 0 || kept === 1)).toBe(true);
    expect(Math.abs(dropped - rate)).toBeLessThanOrEqual(
      5 * Math.sqrt((rate * (1 - rate)) / mask.length) + 1e-5,
    );
  });

  it('of the normal distribution have its first four moments', () => {
    const random = new Random(6);
    const values = Array.from({ length: 100_000 }, () => random.normal());
    const moment = (power: number) => values.reduce((sum, x) => sum + x ** power, 0) / values.length;
    expect(moment(1)).toBeCloseTo(0, 1.5);
    expect(moment(2)).toBeCloseTo(1, 1.5);
    expect(moment(3)).toBeCloseTo(0, 1);
    expect(Math.abs(moment(4) - 3)).toBeLessThan(0.15);
  });

  it('of integers stay in their range, and shuffles are permutations without a favourite', () => {
    const target = new Int32Array(3000);
    new Random(1).fillIntegers(target, -3, 4);
    expect(new Set(target)).toEqual(new Set([-3, -2, -1, 0, 1, 2, 3]));
    const one = new Random(1);
    expect([...target]).toEqual(Array.from(target, () => one.below(7) - 3));
    const random = new Random(2);
    const orders = new Map<string, number>();
    for (let k = 0; k < 24_000; k++) {
      const order = random.shuffle([0, 1, 2, 3]).join('');
      orders.set(order, (orders.get(order) ?? 0) + 1);
    }
    expect(orders.size).toBe(24);
    expect(surprise([...orders.values()])).toBeLessThan(5);
  });
});

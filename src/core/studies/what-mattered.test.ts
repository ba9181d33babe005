import { expect, it } from 'vitest';
import { Random } from '../math/random.ts';
import { whatMattered } from './what-mattered.ts';

const trial = (settings: Record<string, unknown>, mean: number | null) => ({
  settings,
  value: mean === null ? null : { mean, std: null },
});

it('finds the setting that decides, and none in one that is chance', () => {
  const random = new Random(1);
  const trials = Array.from({ length: 60 }, (_, at) => {
    const rate = [0.001, 0.003, 0.01][at % 3];
    return trial(
      { rate, dropout: random.uniform(), loss: at % 2 ? 'bce' : 'softmax' },
      10 * rate + 0.001 * random.uniform(),
    );
  });
  const shares = whatMattered(trials, ['dropout', 'rate', 'loss']);
  expect(shares?.[0]).toEqual({ key: 'rate', share: expect.closeTo(0.89, 1) as number });
  for (const { share } of shares?.slice(1) ?? []) expect(share).toBeLessThan(0.12);
});

it('does not hang on one trial that diverged', () => {
  const trials = Array.from({ length: 20 }, (_, at) =>
    trial({ rate: at % 2, dim: at % 4 }, at % 2 ? 0.5 : 0.4 + at / 1e4),
  );
  const before = whatMattered(trials, ['rate']);
  const after = whatMattered([...trials.slice(1), trial({ rate: 0, dim: 0 }, -1e9)], ['rate']);
  expect(after?.[0].share).toBeCloseTo(before?.[0].share ?? 0, 1);
});

it('is the effect size of Kruskal and Wallis', () => {
  // Three groups of four without ties, ranks 1-4, 5-8, 9-12: H = 9.846, so (9.846 - 2) / 9.
  const trials = Array.from({ length: 12 }, (_, at) => trial({ a: `g${Math.floor(at / 4)}` }, at));
  expect(whatMattered(trials, ['a'])?.[0].share).toBeCloseTo((9.846 - 2) / 9, 3);
});

it('looks at a setting that depends on another among the trials that have it', () => {
  const trials = Array.from({ length: 40 }, (_, at) =>
    at % 2 ? trial({ loss: 'a', rate: at }, at) : trial({ loss: 'b' }, 1000 - 7 * ((at * 11) % 40)),
  );
  expect(whatMattered(trials, ['rate'])?.[0].share).toBeGreaterThan(0.8);
  const few = trials.map((one, at) => (at < 30 ? trial({ loss: 'b' }, at) : one));
  expect(whatMattered(few, ['rate'])).toEqual([{ key: 'rate', share: 0 }]);
});

it('says nothing of few trials, of what has no value, and of what was not varied', () => {
  const few = Array.from({ length: 12 }, (_, at) => trial({ a: at % 2 }, at < 9 ? at : null));
  expect(whatMattered(few, ['a'])).toBeNull();
  const alike = Array.from({ length: 12 }, (_, at) => trial({ a: 1, b: at % 2 }, 0.5));
  expect(whatMattered(alike, ['a', 'b'])?.map(({ share }) => share)).toEqual([0, 0]);
});

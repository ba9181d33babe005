import { expect, test } from 'vitest';
import type { ComparedSlice, SliceComparison } from '../../../core/api/compare.ts';
import { gainsOf, gainsText } from './gains.ts';

const METRIC = 'test/ndcg@10';
const slice = (
  by: ComparedSlice['by'],
  name: string,
  after: number,
  difference: number | null,
  significant = true,
): ComparedSlice => ({
  ...{ by, slice: name, description: `about ${name}`, users: 90, metrics: { [METRIC]: after } },
  ...(difference !== null && {
    differences: {
      [METRIC]: {
        ...{ test: 'student', unit: 'users', count: 80, difference, p: 0.01, exact: false, holm: 0.02 },
        ...{ interval: [difference - 0.001, difference + 0.001], wins: 3, ties: 1, losses: 1, significant },
      },
    },
  }),
});
const beside = (...slices: ComparedSlice[]): SliceComparison[] => [
  { id: 'a', slices: [slice('all', 'everyone', 0.01, null)] },
  { id: 'b', slices },
];
const text = (...slices: ComparedSlice[]) => gainsText(gainsOf(beside(...slices), 'b', METRIC), 4);

test('a step says its largest gain and its largest loss among what is significant', () => {
  const gains = gainsOf(
    beside(
      slice('all', 'everyone', 0.02, 0.01),
      slice('seen in training', 'pair unseen', 0.0131, 0.0022),
      slice('item popularity', 'head', 0.05, 0.004),
      slice('item popularity', 'tail', 0.0019, -0.0012),
      slice('history length', 'short', 0.01, 0.0099, false),
      slice('history length', 'long', 0.01, null),
    ),
    'b',
    METRIC,
  );
  expect(gains).toMatchObject({
    tested: 4,
    up: [{ slice: 'head targets' }, { slice: 'pair unseen', count: 80 }],
  });
  expect(gainsText(gains, 4)).toBe('head targets: 0.0460 to 0.0500; loses in tail targets: 0.0031 to 0.0019');
});

test('everywhere, nowhere and unknown are told apart', () => {
  const long = slice('history length', 'long', 0.03, 0.01);
  expect(text(long, slice('item popularity', 'cold', 0.02, 0.001))).toBe(
    'all 2 slices; most in long histories: 0.0200 to 0.0300',
  );
  expect(text(slice('history length', 'long', 0.03, 0.01, false))).toBe('in none of 1 slice significantly');
  expect(text(slice('history length', 'long', 0.03, null))).toBe('too few users in any slice');
  const rows = { ...long, unit: 'rows' as const, description: 'rows of users with 5 to 20 training rows' };
  expect(text(rows)).toContain('most in users with 5 to 20 training rows:');
});

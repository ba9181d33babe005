import { expect, it } from 'vitest';
import { Random } from '../../math/random.ts';
import type { SearchSpace } from '../../store/home/study-spec.ts';
import { allSettings, countSettings, drawSettings, spaceOf } from './space.ts';

const space = (written: SearchSpace) => spaceOf(written, (key) => key === 'dim');

const LOSSES: SearchSpace = [
  { key: 'temperature', values: '0.03,0.1', when: { scores: ['cosine'] } },
  { key: 'scores', values: 'dot,cosine', when: { loss: ['softmax', 'sampled'] } },
  { key: 'loss', values: 'bce,softmax,sampled' },
  { key: 'dim', values: '8,16' },
];

it('leaves a key out of trials whose other keys do not ask for it, through several steps', () => {
  const all = allSettings(space(LOSSES)) ?? [];
  expect(all).toHaveLength(2 * (1 + 2 * (1 + 2)));
  expect(countSettings(space(LOSSES))).toBe(all.length);
  expect(new Set(all.map((one) => JSON.stringify(one))).size).toBe(all.length);
  for (const settings of all) {
    expect('scores' in settings).toBe(settings.loss !== 'bce');
    expect('temperature' in settings).toBe(settings.scores === 'cosine');
  }
  const random = new Random(1);
  for (let at = 0; at < 50; at++) expect(all).toContainEqual(drawSettings(space(LOSSES), random));
});

it('counts ranges of whole numbers, and none of fractions', () => {
  expect(countSettings(space([{ key: 'dim', values: '3..7' }]))).toBe(5);
  expect(countSettings(space([{ key: 'rate', values: '3..7' }]))).toBe(Number.POSITIVE_INFINITY);
  expect(allSettings(space([{ key: 'dim', values: '3..7' }]))).toBeNull();
});

it.each<[SearchSpace, string]>([
  [[{ key: 'a', values: '1,2', when: { b: [1] } }], 'it depends on b, which is not varied'],
  [
    [
      { key: 'a', values: '1,2', when: { b: [3] } },
      { key: 'b', values: '1,2' },
    ],
    'it depends on b=3, which is not among its values',
  ],
  [
    [
      { key: 'a', values: '1,2', when: { b: [1] } },
      { key: 'b', values: '1..2' },
    ],
    'it depends on b, which is a range: list its values',
  ],
  [
    [
      { key: 'a', values: '1,2', when: { b: [1] } },
      { key: 'b', values: '1,2', when: { a: [1] } },
    ],
    'it depends on itself',
  ],
])('refuses a condition that nothing can meet: %#', (written, line) => {
  expect(() => space(written)).toThrow(line);
});

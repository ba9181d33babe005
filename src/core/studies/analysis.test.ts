import { expect, test } from 'vitest';
import { type StudyPoint, studyLaws } from './analysis.ts';

/** A trained cell of each size, as a law would have it. */
function pointsOf(sizes: number): StudyPoint[] {
  return Array.from({ length: sizes }, (_, size): StudyPoint => {
    const nonEmbedding = 1000 * 4 ** size;
    const cell = { size, label: `${16 * 2 ** size}x2`, model: 'sasrec', share: 1, seed: 1, run: null };
    const counts = { parameters: nonEmbedding, nonEmbedding, positions: 1e6, flops: 1, seconds: 1 };
    const bytes = { state: 0, activations: 0 };
    return { ...cell, ...counts, bytes, crossEntropy: 5 + (1e4 / nonEmbedding) ** 0.3, ndcg: null };
  });
}

/** The law over sizes in cross-entropy. */
const lawOver = (sizes: number) =>
  studyLaws(pointsOf(sizes), 1000).find(
    ({ axis, metric }) => axis === 'parameters' && metric === 'cross-entropy',
  );

test('a law says for itself, or for its prediction of the largest size, that there are too few sizes', () => {
  const few = 'a law with three unknowns needs at least 4 sizes, and there are 3';
  expect(lawOver(3)).toMatchObject({ fit: null, heldOut: null, problems: [few] });
  const law = lawOver(4);
  expect(law?.fit).not.toBeNull();
  expect([law?.heldOut, law?.problems]).toEqual([
    null,
    [`no prediction of 128x2 from the smaller ones: ${few}`],
  ]);
  expect(lawOver(5)).toMatchObject({ heldOut: { label: '256x2' }, problems: [] });
});

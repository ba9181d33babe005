import { expect, it } from 'vitest';
import type { ComparedRun } from '../../../core/documents/types.ts';
import { fewHits } from './base-large.ts';

it('says of which models so few users have a hit that a change is one of some users', () => {
  const of = (share: number, users: number) =>
    [
      {
        metrics: { 'test/hr@10': share },
        ranks: [{ split: 'test', users: new Int32Array(users) }],
      } as unknown as ComparedRun,
    ] as const;
  const sasrec = { model: 'sasrec', base: of(0.02, 610), large: of(0.2, 6100) };
  expect(fewHits([sasrec])).toEqual([
    'Few have their item among the first 10, so that a change is one of some users: SASRec base: 12 of 610 users.',
  ]);
  expect(fewHits([{ ...sasrec, base: [] }])).toEqual([]);
});

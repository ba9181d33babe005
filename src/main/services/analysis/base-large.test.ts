import { expect, it } from 'vitest';
import { protocol } from '../../../../test/reports/runs.ts';
import { addRun, completeRun, temporaryStore } from '../../../../test/store/home.ts';
import type { ComparedRun } from '../../../core/documents/types.ts';
import type { CellRun, StudySpec } from '../../../core/studies/study.ts';
import { baseLargeOf, fewHits, notAbovePopularity } from './base-large.ts';

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

it('names the sides that do not beat a Popularity run of the same protocol', () => {
  const run = (model: string, value: number, changes = {}) =>
    ({
      ...{ name: `${model}-1`, model, metrics: { 'test/ndcg@10': value } },
      protocol: { ...protocol, ...changes },
    }) as unknown as ComparedRun;
  const sasrec = { model: 'sasrec', base: [run('sasrec', 0.0013)], large: [run('sasrec', 0.03)] };
  const hstu = { model: 'hstu', base: [run('hstu', 0.02), run('hstu', 0.01)], large: [] };
  const mark = run('popularity', 0.0213);
  const said = [
    'Not above Popularity, whose run popularity-1 has NDCG@10 0.0213: SASRec base (0.0013), HSTU base (0.0150).',
  ];
  expect(notAbovePopularity([sasrec, hstu], [mark])).toEqual(said);
  // What knows the time of the target is measured on the same questions.
  const seeing = { ...sasrec, base: [run('sasrec', 0.0013, { targetTime: 'seen' })] };
  expect(notAbovePopularity([seeing, hstu], [mark])).toEqual(said);
  const other = run('popularity', 0.5, { split: 'time' });
  expect(notAbovePopularity([sasrec, hstu], [other, mark])).toEqual(said);
  expect(notAbovePopularity([sasrec, hstu], [other])).toEqual([]);
  expect(notAbovePopularity([{ ...sasrec, base: [] }], [mark])).toEqual([]);
});

it('looks for that run among those of the data set', () => {
  const store = temporaryStore();
  const made = (model: string, value: number) => {
    const run = addRun(store, { model, name: model, config: { blocks: 2 } });
    completeRun(store, run.id, { protocol, metrics: { 'test/ndcg@10': value } });
    return store.runs.own(run.id);
  };
  made('popularity', 0.2);
  const run = made('sasrec', 0.1);
  const variant = { model: 'sasrec', preset: 'ml-1m', role: 'base' as const };
  const spec: StudySpec = {
    ...{ kind: 'base-large', model: 'sasrec', dataset: run.dataset, overrides: {}, shares: [1], seeds: [1] },
    sizes: [{ label: 'sasrec-base', config: { blocks: 2 }, variant }],
  } as unknown as StudySpec;
  const { warnings } = baseLargeOf(store, spec, [
    { cell: { size: 0, share: 1, seed: 1 }, run },
  ] as unknown as CellRun[]);
  expect(warnings).toContain(
    'Not above Popularity, whose run popularity has NDCG@10 0.2000: SASRec base (0.1000).',
  );
});

import { describe, expect, it } from 'vitest';
import { readPublished } from '../../published/published-results.ts';
import { colourIndex } from '../run-colours.ts';
import type { ComparedRun } from '../types.ts';
import { compareBaseLarge } from './base-large.ts';
import { baseLargeSections } from './base-large-sections.ts';

const USERS = 60;

/** A run whose every user's target has the rank that `rankOf` says. */
function run(id: string, model: string, blocks: number, rankOf: (user: number) => number): ComparedRun {
  const users = Int32Array.from({ length: USERS }, (_, user) => user);
  const ranks = users.map(rankOf);
  const ndcg = Array.from(ranks, (rank) => (rank <= 10 ? 1 / Math.log2(rank + 1) : 0));
  return {
    id,
    name: id,
    model,
    config: { blocks },
    seed: 1,
    seconds: 60,
    parameters: 100 * blocks,
    metrics: { 'test/ndcg@10': ndcg.reduce((sum, value) => sum + value, 0) / USERS },
    ranks: [
      {
        split: 'test',
        users,
        targets: users,
        ranks,
        topK: 0,
        topItems: new Int32Array(),
        candidates: USERS,
        historyLengths: users,
      },
    ],
  };
}

const pairs = [
  {
    model: 'hstu',
    base: [run('h2', 'hstu', 2, (user) => 2 + (user % 9))],
    large: [run('h8', 'hstu', 8, (user) => 1 + (user % 9))],
  },
  { model: 'sasrec', base: [run('s2', 'sasrec', 2, () => 4)], large: [] },
];

describe('base against Large', () => {
  const found = compareBaseLarge(pairs, { name: 'ml-1m' }, readPublished());

  it('tests each model against itself and leaves out what has not run', () => {
    const [hstu, sasrec] = found.models;
    const [cell] = hstu.cells;
    expect(cell.change).toBeCloseTo((cell.large ?? 0) - (cell.base ?? 0), 12);
    expect(cell.percent).toBeCloseTo((100 * (cell.change ?? 0)) / (cell.base ?? 0), 12);
    expect(cell.significance?.difference).toBeCloseTo(cell.change ?? 0, 12);
    expect(cell.significance).toMatchObject({ count: USERS, unit: 'users', significant: true, losses: 0 });
    // One model was tested: Holm over one is the p-value itself.
    expect(cell.significance?.holm).toBe(cell.significance?.p);
    expect(hstu.large).toMatchObject({ blocks: 8, parameters: 800, seconds: 60 });
    expect(sasrec.cells[0]).toMatchObject({ large: null, change: null, percent: null, significance: null });
  });

  it('puts the published steps beside, the own data set first, and says what cannot be compared', () => {
    const [first, ...others] = found.published;
    expect(first).toMatchObject({ dataset: 'MovieLens-1M', ours: true });
    expect(others.map(({ dataset }) => dataset)).toEqual(
      expect.arrayContaining(['MovieLens-20M', 'KuaiRand']),
    );
    for (const { ours, remarks, dataset } of others) {
      if (dataset !== 'MovieLens-1M')
        expect([ours, remarks.join(' ')]).toEqual([false, expect.stringContaining('Other data than ml-1m')]);
    }
    const sasrec = first.steps.find(({ model }) => model === 'sasrec');
    const at = (name: string) => first.columns.findIndex((column) => column.name === name);
    const ndcg = sasrec?.cells[at('test/ndcg@10')];
    expect(ndcg).toMatchObject({ base: 0.1594, large: 0.1186, marks: [] });
    expect(ndcg?.percent).toBeCloseTo(-25.6, 1);
    // The footnote on the misprint stands at its value alone, by its own number.
    const [mark] = sasrec?.cells[at('test/mrr')].marks ?? [];
    expect(first.footnotes[mark - 1]).toContain('misprint');
    expect(first.steps.map(({ model }) => model)).toEqual(['hstu', 'sasrec']);
  });

  it('draws the steps of models that have both sides, where there are two to compare', () => {
    const [ours] = baseLargeSections(found, 'ml-1m');
    const drawn = ours.figures?.map(({ caption, spec }) => [
      caption,
      spec.series.filter(({ points }) => points.length === 2).map(({ id }) => id),
    ]);
    // Of ours one model has both sides, which says nothing beside another one that has not.
    expect(drawn?.[0]).toEqual([
      expect.stringMatching(/^NDCG@10 of base and Large: .*, MovieLens-1M$/),
      ['hstu', 'sasrec'],
    ]);
    // As everywhere else.
    for (const { id, colour } of ours.figures?.[0].spec.series ?? []) expect(colour).toBe(colourIndex(id));
    const alone = compareBaseLarge(pairs.slice(0, 1), { name: 'ml-1m' }, readPublished());
    expect(baseLargeSections(alone, 'ml-1m')[0].figures?.[0].caption).toMatch(/Ours, ml-1m$/);
  });
});

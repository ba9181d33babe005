import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { someRanks, someRun, someRuns } from '../../../../test/reports/runs.ts';
import { pickRows, rankMetrics } from '../../evaluation/metrics.ts';
import { byHistory, sliceRows } from '../../evaluation/slices.ts';
import { type UserRanks, WHOLE } from '../../evaluation/types.ts';
import { compareRuns } from '../comparison/comparison.ts';
import { comparisonDocument } from '../comparison/comparison-document.ts';
import type { ComparedRun, Comparison } from '../types.ts';
import { writeDocument } from '../writers/write.ts';
import { pack, unpack } from './packed.ts';
import { pageData } from './page-data.ts';
import { byDisagreement, meansOf, openPage, partsOf, type Question, testsOf, usersOf } from './standing.ts';

const FILES = { tex: '', csv: '' };
const OPTIONS = { metrics: ['ndcg@10', 'hr@10', 'mean-rank'], resamples: 200 };

const slices = sliceRows(400, [byHistory(someRanks(1, 1))]);
const pageOf = (comparison: Comparison, of = slices) => {
  const data = pageData(comparison, of, FILES);
  if (!data) throw new Error('no page');
  return openPage(JSON.parse(JSON.stringify(data)));
};

function answers(page: ReturnType<typeof pageOf>, question: Question) {
  const tests = testsOf(page, question);
  let step = tests.next();
  while (!step.done) step = tests.next();
  return { means: meansOf(page, question), tests: step.value };
}

/** The same from the comparison itself. */
const cellsOf = ({ rows, columns }: Comparison, names: readonly string[]) => {
  const places = names.map((name) => columns.findIndex((column) => column.name === name));
  return {
    means: rows.map(({ cells }) => places.map((at) => ({ mean: cells[at].mean, std: cells[at].std }))),
    tests: rows.map(({ cells }) => places.map((at) => cells[at].significance)),
  };
};

describe('numbers in a page', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: WHOLE })), (values) => {
        expect([...unpack(pack(values))]).toEqual(values);
      }),
    );
    const many = Array.from({ length: 30_000 }, (_, at) => at * 7);
    expect([...unpack(pack(many))]).toEqual(many);
  });
});

describe('a page that answers by itself', () => {
  const question = { metrics: [0, 1, 2], slice: null, baseline: 0 };

  it('says of another baseline what the comparison with it says', () => {
    const runs = someRuns();
    const page = pageOf(compareRuns(runs, OPTIONS));
    const names = page.metrics.map(({ name }) => name);
    for (const baseline of [0, 1, 2]) {
      const id = compareRuns(runs, OPTIONS).rows[baseline].runs[0].id;
      const expected = cellsOf(compareRuns(runs, { ...OPTIONS, baseline: id }), names);
      expect(answers(page, { ...question, baseline })).toEqual(expected);
    }
  });

  it('says of a slice what a comparison of its users alone says', () => {
    const page = pageOf(compareRuns(someRuns(), OPTIONS));
    for (const [slice, { rows }] of slices.entries()) {
      const cut = someRuns().map((run): ComparedRun => {
        const [whole] = [...(run.ranks as UserRanks[])];
        const ranks = { ...whole, ...pickRows(whole, rows) };
        return { ...run, metrics: rankMetrics(ranks), ranks: [ranks] };
      });
      const expected = cellsOf(
        compareRuns(cut, OPTIONS),
        page.metrics.map(({ name }) => name),
      );
      const found = answers(page, { ...question, slice });
      expect(found.tests).toEqual(expected.tests);
      for (const [row, cells] of found.means.entries())
        for (const [at, { mean, std }] of cells.entries()) {
          expect(mean).toBeCloseTo(expected.means[row][at].mean ?? 0, 12);
          if (std !== null) expect(std).toBeCloseTo(expected.means[row][at].std ?? 0, 12);
        }
    }
  });

  it('parts each mean among the slices of a kind', () => {
    const page = pageOf(compareRuns(someRuns(), OPTIONS));
    for (const [row, parts] of partsOf(page, 0, 'history length').entries()) {
      const sum = parts?.reduce((all, part) => all + part, 0) ?? Number.NaN;
      expect(sum).toBeCloseTo(page.rows[row].means[0] ?? 0, 12);
    }
  });

  it('tests nothing over too few users, and knows who is in a slice', () => {
    const few = [{ ...slices[0], rows: slices[0].rows.slice(0, 20) }];
    const page = pageOf(compareRuns(someRuns(), OPTIONS), few);
    expect(
      answers(page, { ...question, slice: 0 })
        .tests.flat()
        .every((test) => test === null),
    ).toBe(true);
    expect(usersOf(page, 0)).toHaveLength(20);
    expect([...byDisagreement(page, 0)].toSorted((a, b) => a - b)).toEqual([...usersOf(page, 0)]);
  });

  it('keeps rows of other users for what they say of all, and leaves out those of another protocol', () => {
    const fewer = someRanks(9, 2, 300);
    const other = someRun('fewer', 'easer', 1, 2, { ranks: [fewer], metrics: rankMetrics(fewer) });
    const elsewhere = someRun('elsewhere', 'hstu', 1, 2, { protocol: null });
    const page = pageOf(compareRuns([...someRuns(), other, elsewhere], OPTIONS));
    expect(page.rows.map(({ name, ranks }) => [name, ranks !== null])).toEqual([
      ['popularity', true],
      ['bprmf', true],
      ['sasrec', true],
      ['fewer', false],
    ]);
    expect(answers(page, { ...question, slice: 1, baseline: 1 }).means[3]).toEqual(
      [0, 1, 2].map(() => ({ mean: null, std: null })),
    );
    expect(meansOf(page, question)[3][0].mean).toBeCloseTo(other.metrics['test/ndcg@10'], 12);
  });

  it('knows ranks beyond lists, and users with several targets', () => {
    const of = (seed: number) => {
      const ranks = someRanks(seed, 2, 400);
      const users = ranks.users.map((user) => Math.floor(user / 2));
      const lengths = ranks.ranks.map((rank, at) => (at % 3 === 0 ? WHOLE : rank > 100 ? 100 : 200));
      return { ...ranks, users, lengths, several: 'successive' as const };
    };
    const runs = [1, 2].map((seed) => {
      const ranks = of(seed);
      return someRun(`model ${seed}`, seed === 1 ? 'ease' : 'sasrec', seed, 2, {
        ...{ ranks: [ranks], metrics: rankMetrics(ranks) },
      });
    });
    const comparison = compareRuns(runs, { metrics: ['ndcg@10', 'hr@10'], resamples: 200 });
    const page = pageOf(comparison);
    const baseline = comparison.rows[1].runs[0].id;
    const other = compareRuns(runs, { metrics: ['ndcg@10', 'hr@10'], resamples: 200, baseline });
    const names = page.metrics.map(({ name }) => name);
    expect(answers(page, { metrics: [0, 1], slice: null, baseline: 1 }).tests).toEqual(
      cellsOf(other, names).tests,
    );
    expect(page.starts).toHaveLength(201);
    expect(partsOf(page, 0, 'history length')).toEqual([null, null]);
  });

  it('is written with its script and its numbers, which nothing in a name can leave', () => {
    const runs = someRuns().map((run) => ({ ...run, name: `</script><b>${run.name}` }));
    const comparison = compareRuns(runs, OPTIONS);
    const document = comparisonDocument(comparison, 'page', {});
    const page = pageData(comparison, slices, FILES);
    const html = writeDocument({ ...document, page }, 'page', { script: 'const a = "</script>";' });
    expect(html.match(/<script/g)).toHaveLength(2);
    expect(html.match(/<\/script>/g)).toHaveLength(2);
    expect(html).toMatch(/script-src 'sha256-[\w+/]{43}='/);
    expect(html).not.toContain('<b>popularity');
    // Without numbers or script it is a page of contents and sections.
    expect(writeDocument(document, 'page')).not.toContain('<script');
    expect(writeDocument(document, 'page')).toContain('<nav');
  });
});

import { describe, expect, it } from 'vitest';
import { protocol, someRun } from '../../../../../test/reports/runs.ts';
import type { NextItemProtocol } from '../../../evaluation/types.ts';
import { findSource, readPublished } from '../../../published/published-results.ts';
import type { ReportFormat } from '../../formats.ts';
import { writeComparison } from '../../writers/write.ts';
import { compareRuns } from '../comparison.ts';
import { overviewByModel } from './overview.ts';
import { besidePublished } from './published.ts';
import { publishedBesideRows } from './published-rows.ts';

const published = readPublished();
const source = findSource(published, 'fuxi-alpha');
const paper: NextItemProtocol = {
  ...protocol,
  split: 'leave-last-out-without-validation',
  candidates: 'catalogue',
  historyFilter: 'window',
  historyWindow: 200,
  rankLimit: 2500,
  selection: 'test',
  testHistory: 'all-before-target',
};
const ml1m = { name: 'ml-1m', fingerprint: 'f', statistics: null };

function sasrec(seed: number, ndcg: number, extra: object = {}) {
  return someRun(`sasrec-seed${seed}`, 'sasrec', seed, 3, {
    dataset: ml1m,
    protocol: paper,
    config: { blocks: 2 },
    metrics: { 'test/ndcg@10': ndcg, 'final/ndcg@10': ndcg - 0.01 },
    ...extra,
  });
}

const runs = [
  sasrec(1, 0.16),
  sasrec(2, 0.17),
  someRun('popularity', 'popularity', 1, 1, {
    dataset: ml1m,
    protocol: paper,
    metrics: { 'test/ndcg@10': 0.02 },
  }),
  someRun('hstu', 'hstu', 1, 2, {
    dataset: ml1m,
    config: { blocks: 4 },
    metrics: { 'test/ndcg@10': 0.1639 },
  }),
];

describe('published results beside ours', () => {
  const comparison = compareRuns(runs, { resamples: 100 });
  comparison.published = besidePublished(comparison, published, source);
  const [section] = comparison.published;

  it('are not set off against rows measured by time', () => {
    const byTime = compareRuns([sasrec(1, 0.05, { protocol: { ...paper, split: 'time' } })], {
      resamples: 10,
    });
    const [{ lines, remarks }] = besidePublished(byTime, published, source);
    expect(lines.find(({ kind }) => kind === 'ours')?.cells[0]).toMatchObject({
      value: 0.05,
      difference: null,
    });
    expect(remarks.join(' ')).toContain('measured differently than published (split: time against');
    expect(publishedBesideRows(byTime, published)).toEqual([[]]);
    expect(overviewByModel(byTime, published)[0].lines[0].slice(1, 4)).toEqual(['–', '–', '0.0500']);
  });

  it('stand over our rows of the same model, with the difference of the mean over seeds and the last epoch', () => {
    expect(section).toMatchObject({ dataset: 'MovieLens-1M' });
    const names = section.lines.map(({ name }) => name);
    expect(names.slice(names.indexOf('SASRec'), names.indexOf('LLaMa'))).toEqual([
      'SASRec',
      'sasrec',
      'sasrec, last epoch',
    ]);
    expect(names).not.toContain('popularity');
    const [ours, last] = section.lines.slice(names.indexOf('sasrec')).map(({ cells }) => cells[0]);
    expect(ours.difference).toBeCloseTo(0.165 - 0.1594, 12);
    expect(last.percent).toBeCloseTo((100 * (0.155 - 0.1594)) / 0.1594, 10);
    expect(section.lines[names.indexOf('sasrec')].cells[1]).toMatchObject({ value: null, difference: null });
    expect(section.lines.every(({ cells }) => cells.length === 5)).toBe(true);
  });

  it('carry their footnotes and what was made differently', () => {
    const large = section.lines.find(({ name }) => name === 'SASRec-Large');
    expect(large?.cells.map(({ marks }) => marks)).toEqual([[], [], [], [], [5]]);
    expect(section.footnotes[4]).toContain('misprint');
    expect(section.lines.find(({ name }) => name === 'HSTU')?.marks).toEqual([4]);
    const marks = section.lines.flatMap((line) => [
      ...line.marks,
      ...line.cells.flatMap((cell) => cell.marks),
    ]);
    expect([...new Set(marks)]).toEqual(section.footnotes.map((_, at) => at + 1));
    expect(section.remarks).toEqual([
      expect.stringContaining('The epoch is chosen without validation items'),
      'Data set ml-1m is matched by its name; its own counts are not known.',
      'hstu has 4 blocks, the published HSTU 2.',
      expect.stringMatching(
        /^hstu is measured differently than published \(split: leave-last-out against .*selection/,
      ),
    ]);
  });

  it.each<ReportFormat>(['table', 'md', 'latex', 'html', 'csv', 'json'])('are in the %s', (format) => {
    const text = writeComparison(comparison, format);
    expect(text).toContain('misprint');
    expect(text.replaceAll('\\', '')).toContain(format === 'csv' ? '0.159400' : '0.1594');
    if (format === 'csv') expect(text).toMatch(/^sasrec,sasrec,MovieLens-1M,.*,0\.005600,/m);
    else if (format === 'json') expect(JSON.parse(text).published[0].lines).toHaveLength(14);
    else expect(text.replaceAll('\\', '')).toContain('0.1650 (+3.5 %)');
    const width = text.split('\r\n').map((line) => line.replaceAll(/"(""|[^"])*"/g, '').split(',').length);
    if (format === 'csv') expect(new Set(width.slice(0, -1)).size).toBe(1);
  });

  it('are not shown for data sets that the source does not have, but can be asked for', () => {
    const films = compareRuns([sasrec(1, 0.1, { dataset: { ...ml1m, name: 'films' } })]);
    expect(() => besidePublished(films, published, source)).toThrow(
      'say which one they are of with --published-dataset',
    );
    expect(() => besidePublished(films, published, source, { dataset: 'amazon-toys' })).toThrow(
      'its data sets: ml-1m',
    );
    const [asked] = besidePublished(films, published, source, { dataset: 'ml-20m' });
    expect(asked.dataset).toBe('MovieLens-20M');
    expect(asked.remarks).toContain('Data set films is taken to be it, as requested.');
  });
});

describe('every model with what its paper, others and we reached', () => {
  const comparison = compareRuns(runs, { resamples: 100 });
  const [table] = overviewByModel(comparison, published);
  const line = (name: string) => table.lines.find(([model]) => model === name) ?? [];

  it('tells the number of the paper that proposes a model from independent runs of it', () => {
    expect(overviewByModel(comparison, published)).toHaveLength(1);
    expect(table.title).toBe('NDCG@10 on MovieLens-1M: papers, independent runs and ours');
    const at = (id: string) => {
      const { title } = findSource(published, id);
      return table.notes?.find((note) => note.includes(title))?.slice(0, 3);
    };
    // The paper of FuXi-α runs HSTU with 2 blocks, its own authors print one number, RecTools another.
    expect(line('hstu')[1]).toMatch(new RegExp(`^0\\.1\\d+ .*\\${at('generative-recommenders')}`));
    expect(line('FuXi-α')[1]).toMatch(/^0\.\d{4} to 0\.\d{4} \[\d\]$/);
    expect(line('BPRMF').slice(1)).toEqual(['–', `0.0607 ${at('fuxi-alpha')}`, ...Array(5).fill('–')]);
    for (const [, paper] of table.lines.filter(([name]) => name.startsWith('sasrec')))
      expect(paper).toBe('–');
  });

  it('has ours first, by protocol, with deviation, interval, seeds and what differs', () => {
    expect(table.lines.slice(0, 3).map(([name]) => name)).toEqual(['sasrec', 'popularity', 'hstu']);
    expect(table.notes?.join(' ')).toContain('not comparable (A: sasrec, popularity; B: hstu)');
    expect(line('sasrec')[3]).toBe('0.1650 ± 0.0071');
    expect(line('sasrec')[4]).toMatch(/^0\.\d{4} to 0\.\d{4}$/);
    expect(line('sasrec')[5]).toBe('2');
    expect(line('popularity').slice(1, 4)).toEqual(['–', '–', '0.0200']);
    expect(table.notes?.join(' ')).toContain('measured differently than published');
  });

  it('orders ours of one protocol by validation, and never by the test', () => {
    const measured = (name: string, test: number, valid?: number, extra: object = {}) =>
      someRun(name, name, 1, 1, {
        dataset: ml1m,
        metrics: { 'test/ndcg@10': test, ...(valid === undefined ? {} : { 'valid/ndcg@10': valid }) },
        ...extra,
      });
    const seen = { seenHeldOut: 'tokeniser has trained on the validation items' };
    const compared = compareRuns([
      measured('gru4rec', 0.9),
      measured('hstu', 0.2, 0.1),
      measured('sasrec', 0.1, 0.3),
      measured('tiger', 0.8, 0.9, { unknownSources: ['tokeniser: imported'] }),
      measured('rpg', 0.8, 0.9, seen),
    ]);
    const [{ lines }] = overviewByModel(compared, published);
    expect(lines.slice(0, 5).map(([name]) => name)).toEqual(['sasrec', 'hstu', 'gru4rec', 'tiger', 'rpg']);
  });

  it('is part of every report that has tables', () => {
    comparison.overview = [table];
    for (const format of ['md', 'html', 'latex', 'table'] as const satisfies ReportFormat[])
      expect(writeComparison(comparison, format), format).toContain('papers, independent runs and ours');
    expect(JSON.parse(writeComparison(comparison, 'json')).overview[0].lines).toEqual(table.lines);
  });
});

it('stands under a row: what its paper and others have printed of its model on its data set', () => {
  const [[paper, ...others], popularity] = publishedBesideRows(
    compareRuns([
      someRun('hstu', 'hstu', 1, 3, { dataset: ml1m, config: { blocks: 2 } }),
      someRun('popularity', 'popularity', 1, 1, { dataset: ml1m }),
    ]),
    published,
  );
  expect(paper).toMatchObject({ isPaper: true, source: 'generative-recommenders' });
  expect(others.map(({ source: id, isPaper }) => [id, isPaper])).toContainEqual(['rectools', false]);
  const rectools = others.find(({ source: id }) => id === 'rectools');
  expect(rectools?.values).toEqual({ 'test/hr@10': 0.3226, 'test/ndcg@10': 0.188 });
  expect(popularity).toEqual([]);
});

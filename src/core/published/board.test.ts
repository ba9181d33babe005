import { expect, it } from 'vitest';
import { boardMetrics, type OurResult, publishedBoard } from './board.ts';
import { readPublished } from './published-results.ts';

const published = readPublished();

const ours = (model: string, mean: number, blocks: number | null = null): OurResult => ({
  ...{
    id: `${model}-${blocks}`,
    runs: [`${model}-${blocks}`],
    name: model,
    model,
    mean,
    std: null,
    seeds: 1,
    blocks,
    split: 'leave-last-out',
  },
});

it('has a row a model and a column a source, by what we reach, else by print', () => {
  const board = publishedBoard(published, 'amazon-beauty', 'ndcg@10', [
    ours('popularity', 0.0053),
    ours('tiger', 0.0348),
    ours('sasrec', 0.0526),
  ]);
  expect(board.sources.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['Tikhonovich 2025', 'Rajput 2023', 'Hou 2025', 'Cornac']),
  );
  expect(board.sources.every(({ link }) => link.startsWith('https://'))).toBe(true);
  const titles = board.rows.map(({ title }) => title);
  expect(titles.slice(0, 3)).toEqual(['SASRec', 'eSASRec', 'RPG']);
  expect(titles.filter((title) => title === 'TIGER')).toHaveLength(1);
  const at = (name: string) => board.sources.findIndex((source) => source.name === name);
  const tiger = board.rows[titles.indexOf('TIGER')];
  expect(tiger.printed[at('Rajput 2023')]).toMatchObject({ value: 0.0384, own: true });
  // The best of six recipes, all of which are named.
  expect(tiger.printed[at('Cornac')]).toMatchObject({ value: 0.0353, own: false });
  expect(tiger.printed[at('Cornac')]?.names).toHaveLength(6);
  expect(tiger).toMatchObject({ best: { value: 0.0384 }, lead: { gain: expect.closeTo(-9.375) as number } });
  expect(board.rows.at(-1)).toMatchObject({ title: 'Popularity', best: null, lead: null });
  expect(board.rows.find(({ title }) => title === 'S3-Rec')).toMatchObject({ model: null, ours: null });
});

it('keeps a model with more blocks apart, of ours, too', () => {
  const { rows, sources } = publishedBoard(published, 'ml-1m', 'ndcg@10', [
    ours('hstu', 0.16, 2),
    ours('hstu', 0.18, 8),
    ours('sasrec', 0.15, 3),
  ]);
  const named = (title: string) => rows.find((row) => row.title === title);
  const at = sources.findIndex(({ id }) => id === 'fuxi-alpha');
  expect(named('HSTU, large')).toMatchObject({ ours: { mean: 0.18 } });
  expect(named('HSTU, large')?.printed[at]?.value).toBe(0.1844);
  expect(named('HSTU')).toMatchObject({ ours: { mean: 0.16 } });
  expect(named('SASRec')).toMatchObject({ ours: { blocks: 3 } });
  expect(named('SASRec, large')?.ours).toBeNull();
});

it('says what to know of the numbers it shows, and of no others', () => {
  const notes = (metric: string) =>
    publishedBoard(published, 'ml-1m', metric, []).sources.find(({ id }) => id === 'fuxi-alpha')?.notes;
  expect(notes('mrr')).toContainEqual(expect.stringMatching(/^SASRec-Large: .*misprint/));
  expect(notes('ndcg@10')).not.toContainEqual(expect.stringContaining('misprint'));
});

it('sets ours off against what was measured by the same split alone', () => {
  const rows = (split: string | null) =>
    publishedBoard(published, 'ml-1m', 'ndcg@10', [{ ...ours('sasrec', 0.05), split }]).rows;
  const lead = (split: string | null) => rows(split).find(({ ours: own }) => own)?.lead;
  expect(lead('leave-last-out-without-validation')).not.toBeNull();
  expect(lead(null)).not.toBeNull();
  expect(rows('time').find(({ ours: own }) => own)).toMatchObject({
    lead: null,
    best: { value: expect.any(Number) as number },
  });
});

it('refuses a data set that there is not', () => {
  for (const dataset of ['none', 'constructor'])
    expect(() => publishedBoard(published, dataset, 'ndcg@10', [])).toThrow(
      `there is no published data set "${dataset}"`,
    );
});

it('has the metrics that are printed, NDCG@10 before others of as many sources', () => {
  expect(boardMetrics(published, 'ml-1m').slice(0, 2)).toEqual(['ndcg@10', 'hr@10']);
  expect(boardMetrics(published, 'criteo-x1')).toEqual(['auc', 'logloss']);
  for (const dataset of ['none', 'constructor']) expect(boardMetrics(published, dataset)).toEqual([]);
});

it('takes the least of a metric of which less is better', () => {
  const { rows } = publishedBoard(published, 'criteo-x1', 'logloss', [
    { ...ours('dlrm', 0.44), split: 'random' },
  ]);
  expect(rows[0]).toMatchObject({
    best: { value: 0.438155 },
    lead: { gain: expect.closeTo(-0.42, 2) as number },
  });
});

import { expect, it } from 'vitest';
import { someRuns } from '../../../test/reports/runs.ts';
import { codebookDocument } from './codebook/codebook-document.ts';
import { compareRuns } from './comparison/comparison.ts';
import { comparisonDocument } from './comparison/comparison-document.ts';
import type { ReportDocument } from './document.ts';
import { joinedDocument } from './joined.ts';
import { reportOf, writeDocument } from './writers/write.ts';

const comparison = compareRuns(someRuns(), { resamples: 50 });
const ids = {
  ...{ levels: 2, codebookSizes: [2, 3], items: 5 },
  // The last item has no ID, the first two share theirs.
  codes: Int32Array.from([0, 1, 0, 1, 1, 2, 1, 0, -1, -1]),
  collisionTokens: Int32Array.from([0, 1, 0, 0, -1]),
};
const chapters = (): ReportDocument[] => [
  comparisonDocument(comparison, 'html', {}),
  codebookDocument({ name: 'ids', model: 'rq-vae', dataset: 'Sample', ids }),
];

it('says how the codes of a tokeniser are used, and how many items share an ID', () => {
  const { answer, sections } = chapters()[1];
  expect(answer).toBe('2 levels of 2, 3 codes, 100 % of them used; 50.0 % of the items share their ID');
  expect(sections[1].table?.lines.map((line) => line.slice(0, 4))).toEqual([
    ['1', '2', '2', '100.0 %'],
    ['2', '3', '3', '100.0 %'],
  ]);
  const [use, sizes] = sections[1].figures ?? [];
  expect(use.spec.series.map(({ points }) => points.map(({ y }) => y))).toEqual([
    [2, 2],
    [2, 1, 1],
  ]);
  expect(sizes.spec.series[0].points.map(({ x, y }) => [x, y])).toEqual([
    ['1', 2],
    ['2', 1],
  ]);
});

it('joins documents behind a page of what they say, each from a page of its own on', async () => {
  const joined = joinedDocument(chapters(), { title: 'All of it', text: ['My conclusion.'] });
  const html = (await reportOf(joined, 'html')).text;
  const [first, ...pages] = html.split('<article>');
  expect(pages).toHaveLength(2);
  expect(first).toContain('<h1>All of it</h1>');
  expect(first).toContain('<p>My conclusion.</p>');
  for (const text of [chapters()[0].verdict?.lead ?? '', '50.0 % of the items share their ID'])
    expect(first).toContain(text);
  // Tables and figures are counted through.
  const numbers = [...html.matchAll(/<span class="soft">(Table|Figure) (\d+)\./g)];
  for (const kind of ['Table', 'Figure']) {
    const counted = numbers.filter(([, of]) => of === kind).map(([, , number]) => Number(number));
    expect(counted).toEqual(counted.map((_, at) => at + 1));
  }
  expect(writeDocument(joined, 'md').match(/^# /gm)).toHaveLength(3);
  expect(
    JSON.parse(writeDocument(joined, 'json')).parts.map((part: { title: string }) => part.title),
  ).toEqual(chapters().map(({ title }) => title));
  const { text, files } = await reportOf(joined, 'folder', { fileName: 'all' });
  const names = files.map(({ fileName }) => fileName);
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(text.split(`href="${name}"`)).toHaveLength(2);
});

it('names in every line of its CSV the document that the line is from', async () => {
  const all = chapters().map((one, at) => ({ ...one, title: `Part ${at + 1}` }));
  const joined = joinedDocument(all, {});
  const csv = writeDocument(joined, 'csv');
  expect((await reportOf(joined, 'folder')).files.at(-1)?.text).toBe(csv);
  const tables = csv.split('\r\n\r\n').map((table) => table.trimEnd().split('\r\n'));
  for (const [head] of tables) expect(head).toMatch(/^part,/);
  const own = (part: string) =>
    tables.flatMap(([, ...rows]) => rows.filter((row) => row.startsWith(`${part},`))).length;
  const lines = all.map((one) =>
    writeDocument(one, 'csv')
      .split('\r\n\r\n')
      .map((table) => table.trimEnd().split('\r\n').length - 1),
  );
  expect(all.map(({ title }) => own(title))).toEqual(lines.map((counts) => counts.reduce((a, b) => a + b)));
});

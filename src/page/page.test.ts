/** The page as its reader has it: what it shows follows what is chosen. */
import { beforeEach, expect, test } from 'vitest';
import { someRanks, someRuns } from '../../test/reports/runs.ts';
import { compareRuns } from '../core/documents/comparison/comparison.ts';
import { comparisonDocument } from '../core/documents/comparison/comparison-document.ts';
import { signed } from '../core/documents/format.ts';
import { pageData } from '../core/documents/page/page-data.ts';
import { openPage } from '../core/documents/page/standing.ts';
import { writePage } from '../core/documents/writers/write-page.ts';
import { byHistory, sliceRows } from '../core/evaluation/slices.ts';
import { startPage } from './view.ts';

const OPTIONS = { metrics: ['ndcg@10', 'hr@10', 'mrr'], resamples: 100 };
const comparison = compareRuns(someRuns(), OPTIONS);
const slices = sliceRows(400, [byHistory(someRanks(1, 1))]);
const data = pageData(comparison, slices, { tex: 'latex', csv: 'csv' });

const rows = () => [...document.querySelectorAll('#differences tbody tr')].map((row) => row.textContent);
const noteUnder = (id: string) => document.querySelector(`#${id} p.soft`)?.textContent ?? '';
const press = (key: string) =>
  document.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
const choose = (name: string, value: string) => {
  const select = document.querySelector<HTMLSelectElement>(`select[name="${name}"]`);
  if (!select) throw new Error(`no choice of ${name}`);
  select.value = value;
  select.dispatchEvent(new Event('change', { bubbles: true }));
};

let started = false;
beforeEach(() => {
  // It listens to its document once, as a page does.
  if (started || !data) return;
  started = true;
  const page = comparisonDocument(comparison, 'page', {});
  document.body.innerHTML = writePage({ ...page, page: data }, { script: 'x' }).replace(/.*<body>/s, '');
  startPage(openPage(data));
});

test('it begins with what the report says, best first, and tests are there at once', () => {
  expect(rows()[0]).toContain('sasrec');
  expect(rows().at(-1)).toContain('popularitybaseline');
  expect(noteUnder('differences')).toContain('Holm over 2 rows');
  expect(document.documentElement.classList.contains('live')).toBe(true);
});

test('another baseline and other users are tested in the page, row by row', async () => {
  choose('baseline', '2');
  expect(noteUnder('differences')).toMatch(/^Testing against sasrec/);
  const other = compareRuns(someRuns(), { ...OPTIONS, baseline: comparison.rows[2].runs[0].id });
  await expect.poll(() => noteUnder('differences')).toContain('Holm over 2 rows');
  document
    .querySelector<HTMLElement>('[data-row="0"]')
    ?.dispatchEvent(new Event('pointerover', { bubbles: true }));
  const { delta } = other.rows[0].cells[0];
  expect(document.querySelector('.tip')?.textContent).toContain(signed(delta, 4));
  choose('slice', '0');
  await expect
    .poll(() => noteUnder('differences'))
    .toMatch(/^histories of at most \d+: \d+ users. Intervals/);
  choose('slice', '');
  await expect.poll(() => noteUnder('differences')).toMatch(/^Intervals/);
});

test('keys choose a metric and a user, and where the models disagree most', () => {
  press('3');
  expect(document.querySelector('[data-metric="2"]')?.getAttribute('aria-pressed')).toBe('true');
  expect(document.querySelector('#differences thead')?.textContent).toContain('MRR');
  expect(noteUnder('user')).toMatch(/^User 1 of 400/);
  press('ArrowLeft');
  expect(noteUnder('user')).toMatch(/^User 400 of 400/);
  press('ArrowRight');
  expect(noteUnder('user')).toMatch(/^User 1 of 400/);
  press('t');
  const ranks = [...document.querySelectorAll('#user .n')].map((one) =>
    Number(one.textContent?.replace(/\D/g, '')),
  );
  expect(Math.max(...ranks) / Math.min(...ranks)).toBeGreaterThan(20);
});

test('what has the focus keeps it while rows are tested', async () => {
  const name = () => document.activeElement?.getAttribute('name');
  document.querySelector<HTMLElement>('select[name="baseline"]')?.focus();
  choose('baseline', '1');
  await expect.poll(() => noteUnder('differences')).toContain('Holm over 2 rows');
  expect(name()).toBe('baseline');
  const row = () => document.activeElement?.getAttribute('data-row');
  document.querySelector<HTMLElement>('[data-row="2"]')?.focus();
  press('1');
  await expect.poll(() => noteUnder('differences')).toContain('Holm over 2 rows');
  expect(row()).toBe('2');
});

test('a click holds the tip of a row, and Esc lets it go', () => {
  const row = document.querySelector<HTMLElement>('[data-row="1"]');
  row?.dispatchEvent(new MouseEvent('click', { bubbles: true }));
  expect(document.querySelector('.tip')?.textContent).toContain('C copies the row; Esc closes.');
  document.querySelector('[data-row="0"]')?.dispatchEvent(new Event('pointerover', { bubbles: true }));
  expect(document.querySelector('.tip')?.textContent).toContain('bprmf');
  press('Escape');
  expect(document.querySelector<HTMLElement>('.tip')?.hidden).toBe(true);
});

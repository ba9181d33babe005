import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from '@playwright/test';
import { strFromU8, unzipSync } from 'fflate';
import { writeSample } from '../src/core/data/sample/sample.ts';
import { some } from '../test/form.ts';
import { expect, test } from './fixtures/test.ts';
import { pressShortcut } from './pages/keys.ts';

/** A folder with public data sets, which the project does not bring. */
const DATA = process.env.TESSERA_DATA ?? join(import.meta.dirname, '../../shared/data');
const MOVIELENS = join(DATA, 'ml-latest-small');

interface Source {
  title: string;
  /** The paths to drop, and the name of the data set that comes of them. */
  paths(home: string): string[];
  name: string;
  users: number;
  /** A folder that may be missing. */
  needs?: string;
}

const SOURCES: readonly Source[] = [
  {
    title: 'the generated sample set, as two files',
    paths: (home) => writeSample(join(home, 'files'), { users: 600, items: 300 }),
    name: 'club',
    users: 600,
  },
  {
    title: 'ml-latest-small, as a folder',
    paths: () => [MOVIELENS],
    name: 'films',
    users: 610,
    needs: MOVIELENS,
  },
];

const isHere = ({ needs }: Source) => needs === undefined || existsSync(needs);
/** What is missing is said to be so. */
const TRIED = [...some(SOURCES.filter(isHere), 1), ...SOURCES.filter((source) => !isHere(source))];

interface ReportFormat {
  label: string;
  ending: string;
  /** Ending of what is saved where charts come along. Default: the same. */
  saved?: string;
  /** Reads the saved file with something else than what wrote it. */
  reopen(text: string, page: Page, path: string): Promise<void>;
}

/** Both models are in every report. */
const MODELS = ['bprmf', 'popularity'];
const TITLES = ['BPRMF', 'Popularity'];

const REPORTS: readonly ReportFormat[] = [
  {
    ...{ label: 'HTML, one file', ending: 'html' },
    async reopen(_text, page, path) {
      const asked: string[] = [];
      page.on('request', (request) => asked.push(request.url()));
      const file = pathToFileURL(path).href;
      await page.goto(file);
      for (const title of TITLES) await expect(page.getByRole('cell', { name: title }).first()).toBeVisible();
      await expect(page.locator('svg').first()).toBeVisible();
      // One file: a colleague opens it without a network.
      expect(asked.filter((url) => !url.startsWith('data:'))).toEqual([file]);
      const pdf = await page.pdf();
      expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    },
  },
  {
    ...{ label: 'HTML, a folder', ending: 'zip' },
    async reopen(_text, page, path) {
      const place = dirname(path);
      const files = Object.entries(unzipSync(readFileSync(path)));
      for (const [name, bytes] of files) {
        mkdirSync(dirname(join(place, name)), { recursive: true });
        writeFileSync(join(place, name), bytes);
      }
      const paths = files.map(([name]) => pathToFileURL(join(place, name)).href);
      const index = paths.find((url) => url.endsWith('/index.html')) ?? '';
      const asked: string[] = [];
      page.on('request', (request) => asked.push(request.url()));
      await page.goto(index);
      for (const title of TITLES) await expect(page.getByRole('cell', { name: title }).first()).toBeVisible();
      expect(asked.filter((url) => !url.startsWith('data:'))).toEqual([index]);
      const links = await page
        .locator('a[href]')
        .evaluateAll((all) => all.map((one) => (one as HTMLAnchorElement).href));
      expect(links.toSorted()).toEqual(paths.filter((url) => url !== index).toSorted());
      await page.goto(links.find((url) => url.endsWith('.svg')) ?? '');
      await expect(page.locator('svg').first()).toBeVisible();
      await page.goto('about:blank');
    },
  },
  {
    ...{ label: 'Markdown', ending: 'md', saved: 'zip' },
    async reopen(_text, page, path) {
      const files = Object.entries(unzipSync(readFileSync(path)));
      const [[, report], ...charts] = files.map(([name, bytes]) => [name, strFromU8(bytes)]);
      for (const [name, svg] of charts) {
        expect(report).toContain(`](${name})`);
        await page.setContent(svg);
        await expect(page.locator('svg svg').first()).toBeVisible();
      }
      // The differences and the curves.
      expect(charts).toHaveLength(2);
      const table = report.split('\n').filter((line) => line.startsWith('|'));
      for (const title of TITLES) expect(table.join('\n')).toContain(title);
      const columns = new Set(table.slice(0, 3).map((line) => line.split(/(?<!\\)\|/).length));
      expect(columns.size).toBe(1);
    },
  },
  {
    ...{ label: 'LaTeX', ending: 'tex' },
    async reopen(text) {
      expect(text).toMatch(/\\begin\{tabular\}[\s\S]*\\end\{tabular\}/);
      for (const title of TITLES) expect(text).toContain(title);
    },
  },
  {
    ...{ label: 'CSV', ending: 'csv' },
    async reopen(text) {
      const [head, ...rows] = text.trim().split(/\r?\n/);
      expect(head.split(',').length).toBeGreaterThan(5);
      for (const model of MODELS) expect(rows.some((row) => row.includes(model))).toBe(true);
    },
  },
  {
    ...{ label: 'JSON', ending: 'json' },
    async reopen(text) {
      const { rows } = JSON.parse(text) as { rows: { model: string }[] };
      expect(rows.map(({ model }) => model).sort()).toEqual(MODELS);
    },
  },
];

for (const source of TRIED) {
  const { title, paths, name, users } = source;
  test(`from a drop to a report: ${title}`, async ({ app, home, browser }) => {
    test.skip(!isHere(source), `${source.needs} is not here: set TESSERA_DATA`);
    const dropped = paths(home);
    const { page } = app;

    await app.open();
    await app.drop(...dropped);
    expect(await app.import.remaining('Users')).toBe(users);
    await app.import.name(name);
    await app.import.start();
    await expect(page.getByRole('heading', { name, level: 1 })).toBeVisible();

    await pressShortcut(page, 'n');
    // More epochs than it gets: however fast it trains, it does so while its curves are looked at.
    const config = { Epochs: '4000', Patience: '0' };
    await app.newRun.fill({ model: 'bprmf', seeds: '1-2', config });
    await app.newRun.start();
    await pressShortcut(page, 'n');
    await app.newRun.fill({ model: 'popularity' });
    await app.newRun.start();

    await app.command('Go to Runs');
    await app.runs.foldSeeds.uncheck();
    for (const seed of [1, 2]) {
      await app.runs.row(`bprmf-${name}-seed${seed}`).dblclick();
      await app.run.watchMove(app.run.chart('Loss'));
      // One epoch is no curve.
      await expect(page.getByRole('main')).toContainText(/Epoch([2-9]|\d\d+) of 4000/);
      await app.run.button('Stop after epoch').click();
      await page.goBack();
    }
    await app.runs.foldSeeds.check();
    for (const run of [`bprmf-${name}`, `popularity-${name}`]) {
      // The rows of the seeds stay until the folded ones have been read.
      await expect(app.runs.row(run)).toHaveCount(1);
      await expect(app.runs.row(run)).toContainText(/0\.\d{4}/);
    }
    await expect(app.runs.row(`bprmf-${name}`).getByTitle('2 seeds')).toBeVisible();
    await app.runs.row(`bprmf-${name}`).click();
    await app.runs.row(`popularity-${name}`).click({ modifiers: ['ControlOrMeta'] });
    await pressShortcut(page, 'c');

    await expect(app.compare.row('popularity')).toContainText(/0\.\d{4}/);
    await expect(app.compare.row('bprmf')).toContainText(/0\.\d{4}/);
    await app.compare.openReport();
    const colleague = await browser.newPage();
    for (const format of REPORTS) {
      await app.compare.choose(format.label, format.ending);
      const path = await app.shell.saved(() => app.compare.save());
      expect(extname(path)).toBe(`.${format.saved ?? format.ending}`);
      await format.reopen(readFileSync(path, 'utf8'), colleague, path);
    }
    await colleague.close();
    await app.compare.choose('PDF', 'html');
    if (app.shell.kind === 'electron') {
      const path = await app.shell.saved(() => app.compare.save());
      expect(readFileSync(path).subarray(0, 5).toString()).toBe('%PDF-');
    } else {
      expect(await app.compare.printed()).toContain('Popularity');
    }
    await app.compare.closeReport();
    expect(app.problems).toEqual([]);
  });
}

/**
 * The window on a home of 10,000 runs with 50 metrics each and a series of a million points, in the system's
 * Chromium: from what the user does to what is painted, in milliseconds: the median and the fastest of seven.
 * Prints one line of JSON.
 *
 * usage: node bench/ui/measure.ts [runs]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { median } from '../median.ts';
import { writeLargeStore } from './store.ts';
import { inWindow } from './window.ts';

const TIMES = 7;
const SEARCHES = ['sasrec', 'run-09', 'paper', 'beauty narm', 'failed', 'hstu sweep', 'run-0777'];

interface Spread {
  median: number;
  /** What it takes where nothing else runs on the machine at that moment. */
  fastest: number;
}

async function repeat(measure: (turn: number) => Promise<number>): Promise<Spread> {
  const times: number[] = [];
  for (let turn = 0; turn < TIMES; turn++) times.push(await measure(turn));
  return { median: Math.round(median(times)), fastest: Math.round(Math.min(...times)) };
}

async function reloadAt(page: Page, hash: string): Promise<void> {
  await page.evaluate((place) => {
    location.hash = place;
  }, hash);
  await page.reload();
  await page.waitForSelector('main');
}

/** From an address to the first rows under the title of its screen. */
const firstRows = (page: Page, hash: string, title: string, rows = 'main .table-row') =>
  repeat(async () => {
    // A new page each time: nothing of the screen is known.
    await reloadAt(page, hash === '#/queue' ? '#/trash' : '#/queue');
    return page.evaluate(
      ([place, heading, selector]) =>
        window.probe.until(
          () => {
            location.hash = place;
          },
          () =>
            document.querySelector('main h1')?.textContent?.startsWith(heading) === true &&
            (document.querySelector(selector)?.textContent ?? '') !== '',
        ),
      [hash, title, rows],
    );
  });

/** The first rows of every screen that has some in this home. */
async function screens(page: Page, compared: readonly string[]): Promise<Record<string, Spread>> {
  const lines = 'main tbody tr, main .table-row';
  const places = {
    home: ['#/home', 'Home', 'main section li, main tbody tr'],
    queue: ['#/queue', 'Queue', 'main p, main .queue-row'],
    compare: [`#/compare?runs=${compared.join(',')}`, 'Compare', lines],
    datasets: ['#/datasets', 'Data sets', lines],
    sweeps: ['#/sweeps', 'Sweeps', lines],
    sweep: ['#/sweeps/sweep-0', 'sweep-0', lines],
    scaling: ['#/scaling', 'Scaling', lines],
    published: ['#/published', 'Published', lines],
    trash: ['#/trash', 'Trash', 'main p, main .table-row'],
  };
  const all: Record<string, Spread> = {};
  for (const [name, [hash, title, rows]] of Object.entries(places))
    all[name] = await firstRows(page, hash, title, rows);
  return all;
}

/** After a reload each time, so that no answer is known already. */
const sort = (page: Page, column: string) =>
  repeat(async () => {
    await reloadAt(page, '#/runs');
    await page.waitForSelector('.table-row');
    await page.waitForTimeout(500);
    return page.evaluate((title) => {
      const shown = () => document.querySelector('main tbody')?.textContent ?? '';
      const before = shown();
      const heads = [...document.querySelectorAll<HTMLButtonElement>('button.table-head-label')];
      const head = heads.find((button) => button.textContent?.startsWith(title));
      return window.probe.until(
        () => head?.click(),
        () => shown() !== '' && shown() !== before,
      );
    }, column);
  });

const filter = (page: Page, words: readonly string[]) =>
  repeat((turn) =>
    page.evaluate((word) => {
      const count = () => document.querySelector('.screen-header .muted')?.textContent ?? '';
      const before = count();
      const field = document.querySelector<HTMLInputElement>('input[aria-label="Search runs"]');
      return window.probe.until(
        () => {
          const { set } = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value') ?? {};
          set?.call(field, word);
          field?.dispatchEvent(new Event('input', { bubbles: true }));
        },
        () => count() !== '' && count() !== before,
      );
    }, words[turn]),
  );

/** The run's own curve, and the one of the best earlier run that is drawn beside it once it is known which one that is. */
async function chart(
  page: Page,
  run: string,
  other: string,
): Promise<{ chart: Spread; chartBeside: Spread }> {
  const lasts: number[] = [];
  const first = await repeat(async () => {
    await reloadAt(page, '#/runs');
    await page.waitForSelector('.table-row');
    // The code of the screen is there, as after any run that was looked at; the series is not.
    await page.evaluate(async (id) => {
      const open = () => {
        location.hash = `#/run/${id}`;
      };
      await window.probe.until(open, () => document.querySelector('[role="tab"]') !== null);
      location.hash = '#/runs';
    }, other);
    await page.waitForSelector('.table-row');
    const drawn = await page.evaluate((id) => {
      return window.probe.drawings(() => {
        location.hash = `#/run/${id}/curves`;
      });
    }, run);
    lasts.push(drawn.last);
    return drawn.first;
  });
  return { chart: first, chartBeside: await repeat(async (turn) => lasts[turn]) };
}

/** Drags over a fifth of the chart, another one each time, and shows all again. */
const zoom = (page: Page) =>
  repeat(async (turn) => {
    const from = 0.3 + 0.03 * turn;
    const box = await page.locator('.figure-reader').boundingBox();
    if (!box) throw new Error('there is no chart');
    const y = box.y + box.height / 2;
    await page.mouse.move(box.x + from * box.width, y);
    await page.mouse.down();
    await page.mouse.move(box.x + (from + 0.2) * box.width, y, { steps: 4 });
    const [elapsed] = await Promise.all([
      page.evaluate(() => window.probe.drawingsOfRelease()),
      page.waitForTimeout(200).then(() => page.mouse.up()),
    ]);
    await page.getByRole('button', { name: 'Show all' }).click();
    await page.waitForTimeout(1_000);
    return elapsed;
  });

const home = mkdtempSync(join(tmpdir(), 'tessera-bench-ui-'));
const { longRun, compared, ...size } = writeLargeStore(home, Number(process.argv[2] ?? 10_000));
try {
  await inWindow(home, async (page) => {
    await page.goto(new URL('#/queue', page.url()).href);
    const results = {
      ...size,
      firstRows: await firstRows(page, '#/runs', 'Runs'),
      screens: await screens(page, compared),
      sortByMetric: await sort(page, 'NDCG@10'),
      sortByName: await sort(page, 'Run'),
      search: await filter(page, SEARCHES),
      ...(await chart(page, longRun, compared[0])),
      zoom: await zoom(page),
    };
    console.log(JSON.stringify(results));
  });
} finally {
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
}

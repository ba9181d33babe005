/**
 * The table of 120 runs that have 12,000 settings between them, each of them a column, in the system's Chromium: how many frames are
 * dropped while it scrolls sideways, and how long its chooser of columns takes. A frame is dropped where the next one
 * comes after more than one and a half of 1/60 s; beside it frames of a table that rests, which the machine alone drops. Prints one line of JSON.
 *
 * usage: node bench/ui/wide-table.ts
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { subjects } from '../scale/subjects.ts';
import { inWindow } from './window.ts';

const FRAME_MS = 1000 / 60;
const SECONDS = 8;
/** Pixels a second: a column of 110 pixels every 5, and every second frame. */
const SPEEDS = { slow: 1_200, fast: 3_600 };

interface Frames {
  frames: number;
  dropped: number;
  /** Frames in which a column in sight was still to be drawn. */
  unfinished: number;
  /** Milliseconds. */
  longest: number;
}

async function framesOf(page: Page, work: () => Promise<unknown>): Promise<Frames> {
  await page.waitForTimeout(1_000);
  await page.evaluate(() =>
    window.probe.noteFrames(() => {
      const cells =
        document.querySelector('.table-row:has(.table-cell)')?.querySelectorAll('.table-cell') ?? [];
      const [pinned, others] = [true, false].map((is) =>
        [...cells]
          .filter((cell) => cell.hasAttribute('data-pinned') === is)
          .map((cell) => cell.getBoundingClientRect()),
      );
      const end = document.querySelector('.table')?.getBoundingClientRect().right ?? 0;
      return (
        (others[0]?.left ?? end) <= (pinned.at(-1)?.right ?? 0) + 1 && (others.at(-1)?.right ?? 0) >= end - 1
      );
    }),
  );
  await work();
  const { times, without } = await page.evaluate(() => window.probe.notedFrames());
  const dropped = times.reduce((sum, time) => sum + Math.max(0, Math.round(time / FRAME_MS) - 1), 0);
  return { frames: times.length, dropped, unfinished: without, longest: Math.round(Math.max(...times)) };
}

/** As a wheel or a touch pad does. */
async function gesture(page: Page, place: string, [x, y]: [x: number, y: number], speed: number) {
  const box = await page.locator(place).boundingBox();
  if (!box) throw new Error(`there is no ${place}`);
  const session = await page.context().newCDPSession(page);
  await session.send('Input.synthesizeScrollGesture', {
    ...{ x: box.x + box.width / 2, y: box.y + box.height / 2, speed, preventFling: true },
    ...{ xDistance: -x, yDistance: -y, gestureSourceType: 'mouse' },
  });
  await session.detach();
}

/** As the bar below the table is dragged from its beginning to its end. */
const drag = (page: Page) =>
  page.evaluate(
    ([frames]) =>
      new Promise<void>((resolve) => {
        const table = document.querySelector('.table');
        if (!table) throw new Error('there is no table');
        const end = table.scrollWidth - table.clientWidth;
        let at = 0;
        const next = () => {
          at += 1;
          table.scrollLeft = (end * at) / frames;
          if (at === frames) resolve();
          else requestAnimationFrame(next);
        };
        requestAnimationFrame(next);
      }),
    [60 * SECONDS],
  );

/** Milliseconds from a click to what comes of it. */
const click = async (page: Page, button: string, outcome: string) =>
  Math.round(
    await page.evaluate(
      ([from, to]) =>
        window.probe.until(
          () => document.querySelector<HTMLElement>(from)?.click(),
          () => document.querySelector(to) !== null,
        ),
      [button, outcome],
    ),
  );

async function chooser(page: Page) {
  await page.getByRole('button', { name: 'Columns' }).evaluate((button) => {
    button.id = 'columns';
  });
  const opens = await click(page, '#columns', '.columns-list input');
  const search = page.getByRole('dialog').getByRole('searchbox');
  // Else the head of their group is further down.
  await search.fill('key');
  await page.waitForSelector('input[aria-label="All of Config"]');
  const all = await click(page, 'input[aria-label="All of Config"]', '.table[aria-colcount="12011"]');
  await search.fill('');
  const list = await framesOf(page, () =>
    gesture(page, '.dialog .columns-list >> nth=0', [0, 10_000], 10_000 / SECONDS),
  );
  const found = Math.round(
    await page.evaluate(() => {
      const field = document.querySelector<HTMLInputElement>('.dialog input[type="search"]');
      const { set } = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value') ?? {};
      return window.probe.until(
        () => {
          set?.call(field, 'key119-99');
          field?.dispatchEvent(new Event('input', { bubbles: true }));
        },
        () => document.querySelectorAll('.columns-list:first-of-type label').length < 5,
      );
    }),
  );
  await page.getByRole('button', { name: 'Done' }).click();
  return { opens, all, list, found };
}

const home = mkdtempSync(join(tmpdir(), 'tessera-bench-wide-'));
await subjects.columns.make(home);
try {
  await inWindow(home, async (page) => {
    await page.goto(new URL('#/runs', page.url()).href);
    await page.waitForSelector('.table-row');
    const choice = await chooser(page);
    const rest = await framesOf(page, () => page.waitForTimeout(1_000 * SECONDS));
    const scrolled: Record<string, Frames> = {};
    for (const [name, speed] of Object.entries(SPEEDS))
      scrolled[name] = await framesOf(page, () => gesture(page, '.table', [SECONDS * speed, 0], speed));
    const dragged = await framesOf(page, () => drag(page));
    const columns = await page.getAttribute('.table', 'aria-colcount');
    console.log(JSON.stringify({ columns: Number(columns), choice, rest, ...scrolled, dragged }));
  });
} finally {
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
}

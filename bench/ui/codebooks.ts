/**
 * The Codebooks screen on a catalogue of a million items, in the system's Chromium, in milliseconds: from going there to
 * everything drawn, with nothing of it in memory, and again with its codes in memory, and from a click on a code to what it
 * means; the median and the fastest. Prints one line of JSON.
 *
 * usage: node bench/ui/codebooks.ts [items]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from '@playwright/test';
import { chromiumPath } from '../../e2e/fixtures/chromium.ts';
import { median } from '../median.ts';
import { startShell } from '../shell.ts';
import { writeLargeCatalogue } from './large-catalogue.ts';
import { installProbe } from './probe.ts';

const OPENINGS = 5;
const CLICKS = 9;

const spread = (times: readonly number[]) => ({
  median: Math.round(median(times)),
  fastest: Math.round(Math.min(...times)),
});

declare global {
  interface Window {
    /** Whether the map and what a code means are drawn from answers to the newest question. */
    isComplete(): boolean;
  }
}

/** Given to every page before its own scripts. */
function installCheck(): void {
  window.isComplete = () => {
    const scenes = [...document.querySelectorAll('.scene')];
    const isNew = scenes.every((scene) => !scene.hasAttribute('data-stale'));
    return scenes.length >= 2 && isNew && document.querySelector('.code-panel tbody tr') !== null;
  };
}

function opening(page: Page): Promise<number> {
  return page.evaluate(() =>
    window.probe.until(
      () => {
        location.hash = '#/codebooks';
      },
      () => window.isComplete(),
    ),
  );
}

/** Another code of level 1 each time, so that no answer is known. */
function click(page: Page, turn: number): Promise<number> {
  return page.evaluate((at) => {
    const code = () => document.querySelector('.code-panel')?.getAttribute('aria-label');
    const map = document.querySelector('.code-map-parts .scene');
    const box = map?.getBoundingClientRect();
    if (!map || !box) throw new Error('there is no map');
    const before = code();
    const place = { clientX: box.left + (at + 2.5) * (box.width / 16), clientY: box.top + 20, bubbles: true };
    return window.probe.until(
      () => map.dispatchEvent(new MouseEvent('click', place)),
      () => code() !== before && window.isComplete(),
    );
  }, turn);
}

/** A shell that has answered nothing yet, with its window open elsewhere. */
async function withShell<T>(browser: Browser, home: string, use: (page: Page) => Promise<T>): Promise<T> {
  const shell = await startShell(home);
  const page = await browser.newPage({ viewport: { width: 1280, height: 1400 } });
  try {
    await page.addInitScript(installProbe);
    await page.addInitScript(installCheck);
    await page.goto(shell.url);
    await page.waitForSelector('main');
    return await use(page);
  } finally {
    await page.close();
    await shell.stop();
  }
}

const home = mkdtempSync(join(tmpdir(), 'tessera-bench-codebooks-'));
const browser = await chromium.launch({ executablePath: chromiumPath(), args: ['--no-sandbox'] });
try {
  const { run: _, ...size } = await writeLargeCatalogue(home, Number(process.argv[2] ?? 1_000_000));
  const cold: number[] = [];
  const warm: number[] = [];
  for (let turn = 0; turn < OPENINGS; turn++) {
    await withShell(browser, home, async (page) => {
      cold.push(await opening(page));
      // Another window asks a process that has read the codes.
      await page.reload();
      await page.waitForSelector('main');
      await page.evaluate(() => {
        location.hash = '#/';
      });
      await page.waitForSelector('.code-panel', { state: 'detached' });
      warm.push(await opening(page));
    });
  }
  const clicks = await withShell(browser, home, async (page) => {
    await opening(page);
    const times: number[] = [];
    for (let turn = 0; turn < CLICKS; turn++) {
      await page.waitForTimeout(300);
      times.push(await click(page, turn));
    }
    return times;
  });
  console.log(
    JSON.stringify({ ...size, firstPaint: spread(cold), again: spread(warm), click: spread(clicks) }),
  );
} finally {
  await browser.close();
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
}

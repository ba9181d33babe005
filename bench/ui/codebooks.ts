/**
 * The Codebooks screen on a catalogue of a million items, in the system's Chromium, in milliseconds: from going there to
 * everything drawn, with nothing of it in memory, and from a click on a code to every view of it; the median and the
 * fastest. Prints one line of JSON.
 *
 * usage: node bench/ui/codebooks.ts [items]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Browser, chromium, type Page } from '@playwright/test';
import { chromiumPath } from '../../e2e/fixtures/chromium.ts';
import { median } from '../median.ts';
import { writeLargeCatalogue } from './large-catalogue.ts';
import { installProbe } from './probe.ts';

const OPENINGS = 5;
const CLICKS = 9;
const CLI = join(import.meta.dirname, '../../src/main/cli/main.mjs');

const spread = (times: readonly number[]) => ({
  median: Math.round(median(times)),
  fastest: Math.round(Math.min(...times)),
});

declare global {
  interface Window {
    /** Whether strips, tree, categories and items are all drawn from answers to the newest question. */
    isComplete(): boolean;
  }
}

/** Given to every page before its own scripts. */
function installCheck(): void {
  window.isComplete = () => {
    const scenes = [...document.querySelectorAll('.scene')];
    const [row] = document.querySelectorAll('.codebook-side .table-row');
    const isNew = scenes.every((scene) => !scene.hasAttribute('data-stale'));
    return scenes.length >= 5 && isNew && (row?.textContent ?? '') !== '';
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
    const count = () => document.querySelector('.codebook-crumbs [role="status"]')?.textContent;
    const first = () => document.querySelector('.codebook-side .table-row')?.textContent;
    const strip = document.querySelector('[aria-label="Use of the codes"] .scene');
    const box = strip?.getBoundingClientRect();
    if (!strip || !box) throw new Error('there is no strip');
    const [countBefore, firstBefore] = [count(), first()];
    const place = { clientX: box.left + 4 + at * 20, clientY: box.top + 4, bubbles: true };
    return window.probe.until(
      () => strip.dispatchEvent(new MouseEvent('click', place)),
      () => count() !== countBefore && first() !== firstBefore && window.isComplete(),
    );
  }, turn);
}

/** A shell that has answered nothing yet, with its window open elsewhere. */
async function withShell<T>(browser: Browser, home: string, use: (page: Page) => Promise<T>): Promise<T> {
  const shell = spawn(process.execPath, [CLI, '--home', home, '--json', 'serve', '--no-open'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface({ input: shell.stdout }), 'line')) as [string];
  const page = await browser.newPage({ viewport: { width: 1280, height: 1400 } });
  try {
    await page.addInitScript(installProbe);
    await page.addInitScript(installCheck);
    await page.goto((JSON.parse(line) as { url: string }).url);
    await page.waitForSelector('main');
    return await use(page);
  } finally {
    await page.close();
    shell.kill('SIGTERM');
    await once(shell, 'exit');
  }
}

const home = mkdtempSync(join(tmpdir(), 'tessera-bench-codebooks-'));
const browser = await chromium.launch({ executablePath: chromiumPath(), args: ['--no-sandbox'] });
try {
  const { run: _, ...size } = await writeLargeCatalogue(home, Number(process.argv[2] ?? 1_000_000));
  const cold: number[] = [];
  for (let turn = 0; turn < OPENINGS; turn++) cold.push(await withShell(browser, home, opening));
  const clicks = await withShell(browser, home, async (page) => {
    await opening(page);
    const times: number[] = [];
    for (let turn = 0; turn < CLICKS; turn++) {
      await page.waitForTimeout(300);
      times.push(await click(page, turn));
    }
    return times;
  });
  console.log(JSON.stringify({ ...size, firstPaint: spread(cold), click: spread(clicks) }));
} finally {
  await browser.close();
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
}

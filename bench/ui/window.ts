import { chromium, type Page } from '@playwright/test';
import { chromiumPath } from '../../e2e/fixtures/chromium.ts';
import { startShell } from '../shell.ts';
import { installProbe } from './probe.ts';

/** Opens a home in the system's Chromium, with the probe in its window; both end with `use`. */
export async function inWindow<T>(home: string, use: (page: Page) => Promise<T>): Promise<T> {
  const shell = await startShell(home);
  const browser = await chromium.launch({ executablePath: chromiumPath(), args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await page.addInitScript(installProbe);
    await page.goto(shell.url);
    await page.waitForURL(({ pathname }) => pathname !== '/');
    return await use(page);
  } finally {
    await browser.close();
    await shell.stop();
  }
}

/** `npm run icons`: icon.svg in the sizes that packages ask for, and as the window's own icon. */
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { chromiumPath } from '../../e2e/fixtures/chromium.ts';

/** Of freedesktop's icon theme; Windows takes 256 and macOS 1024. */
const SIZES = [16, 24, 32, 48, 64, 128, 256, 512, 1024];

const folder = import.meta.dirname;
const svg = readFileSync(join(folder, 'icon.svg'), 'utf8');
mkdirSync(join(folder, 'png'), { recursive: true });

const browser = await chromium.launch({ executablePath: chromiumPath(), args: ['--no-sandbox'] });
const page = await browser.newPage();
for (const size of SIZES) {
  await page.setViewportSize({ width: size, height: size });
  await page.setContent(`<style>* { margin: 0 } svg { display: block; width: ${size}px }</style>${svg}`);
  await page.screenshot({ path: join(folder, 'png', `${size}x${size}.png`), omitBackground: true });
}
await browser.close();
copyFileSync(join(folder, 'icon.svg'), join(folder, '../../src/renderer/public/icon.svg'));

import { defineConfig } from '@playwright/test';
import { chromiumPath } from './fixtures/chromium.ts';
import type { Options } from './fixtures/test.ts';

export default defineConfig<Options>({
  testDir: '.',
  testMatch: '*.spec.ts',
  outputDir: '../out/e2e',
  timeout: 300_000,
  // A machine may be busy with trainings; nothing waits longer than it must.
  expect: { timeout: 30_000 },
  // Each spec has a shell of its own with trainers of its own.
  workers: 1,
  reporter: [['list'], ['json', { outputFile: '../out/e2e-results.json' }]],
  projects: [
    { name: 'browser', use: { shellKind: 'browser' } },
    // Skips with a message where Electron's binary or a display is missing.
    { name: 'electron', use: { shellKind: 'electron' } },
  ],
  use: {
    viewport: { width: 1280, height: 800 },
    actionTimeout: 30_000,
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: chromiumPath(),
      // Same pixels on every machine; a container's root has no sandbox to give.
      args: [
        '--force-device-scale-factor=1',
        '--disable-lcd-text',
        '--font-render-hinting=none',
        '--no-sandbox',
      ],
    },
  },
});

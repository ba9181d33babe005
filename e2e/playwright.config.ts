import { defineConfig } from '@playwright/test';
import { DAY } from '../test/form.ts';
import { chromiumPath } from './fixtures/chromium.ts';
import { desktopObstacle } from './fixtures/desktop-shell.ts';
import type { Options } from './fixtures/test.ts';

// Workers that start after midnight have the same tests.
process.env.TESSERA_DAY = String(DAY);

/** Measures times, and so has the machine to itself once all the others are done. */
const TIMED = 'performance.spec.ts';
/** The longest by far, so it starts first and the others fill the workers beside it. */
const LONGEST = 'screens.spec.ts';

/** What takes longer has come to a stop. */
const HANGS_MS = 120_000;

/** Takes pictures of real data, where they are asked for. */
const PICTURES = 'pictures.spec.ts';

const inBrowser: Options = { shellKind: 'browser' };
const inElectron: Options = { shellKind: 'electron' };
/** Where Electron's binary or a display is missing, nothing is tried in it; `prepare.ts` says so. */
const hasElectron = desktopObstacle() === null;

export default defineConfig<Options>({
  testDir: '.',
  testMatch: '*.spec.ts',
  globalTeardown: './fixtures/remove-homes.ts',
  outputDir: '../out/e2e',
  // A machine may be slow, or busy with trainings. Nothing waits longer than it must, so only what hangs should fail.
  timeout: 1_200_000,
  expect: { timeout: HANGS_MS, toPass: { timeout: HANGS_MS } },
  // Each test has a home of its own and trainers of its own, and each worker a session, so any two can run side by side.
  // Tests wait for windows and trainers a good part of their time: four keep a two-core machine busy.
  workers: 4,
  fullyParallel: true,
  reporter: [['list'], ['json', { outputFile: '../out/e2e-results.json' }]],
  projects: [
    { name: 'browser-screens', testMatch: LONGEST, use: inBrowser },
    { name: 'browser', testIgnore: [LONGEST, TIMED, PICTURES], use: inBrowser },
    ...(hasElectron ? [{ name: 'electron', testIgnore: [TIMED, PICTURES], use: inElectron }] : []),
    {
      name: 'browser-timed',
      testMatch: TIMED,
      use: inBrowser,
      workers: 1,
      dependencies: ['browser-screens', 'browser', ...(hasElectron ? ['electron'] : [])],
    },
    ...(hasElectron
      ? [
          {
            name: 'electron-timed',
            testMatch: TIMED,
            use: inElectron,
            workers: 1,
            dependencies: ['browser-timed'],
          },
        ]
      : []),
    ...(process.env.TESSERA_SCREENSHOTS
      ? [{ name: 'pictures', testMatch: PICTURES, use: inBrowser, workers: 1 }]
      : []),
  ],
  use: {
    viewport: { width: 1280, height: 800 },
    actionTimeout: HANGS_MS,
    // Pictures and copies of the page at every step take time, from what is measured too; TESSERA_TRACE=1 keeps them.
    trace: process.env.TESSERA_TRACE ? 'retain-on-failure' : 'off',
    screenshot: 'only-on-failure',
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

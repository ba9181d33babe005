// Node keeps what it has compiled of packages, for the processes of tests and for those that they start.
import './src/main/cli/compile-cache.mjs';
import { globSync, readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import { some } from './test/form.ts';

const replaces = (file: string) => /\bvi\.(mock|doMock|stubGlobal)\(/.test(readFileSync(file, 'utf8'));

/**
 * Tests with a process of their own: they start many others, or change their process, by replaced modules or globals, functions of
 * TensorFlow.js, plug-ins, or a folder that goes with the first file that has it, or measure its memory. All others share one, which saves its start and what it loads.
 */
const ALONE = [
  'test/{desktop,remote,simulation,store,window}/**/*.test.ts',
  'test/*.test.ts',
  'test/cli/plugins.test.ts',
  'src/main/plugins/load-agreed.test.ts',
  'src/core/engine/kernels/conformance.test.ts',
  'src/core/families/eager-training.test.ts',
  'src/core/families/generative/generative.test.ts',
  'src/core/families/warm-start.test.ts',
  'src/core/families/generative/{models/{liger,rpg},rewards/rewarded,words/{word-ids,words-runs}}.test.ts',
  'src/main/services/analysis/comparisons.test.ts',
  ...globSync('src/**/*.test.ts').filter(replaces),
];

/** Real servers start and end for minutes in each of these: the plain way is tried always, of the others some. */
const REMOTE = globSync('test/remote/*.test.ts').sort();
const ALWAYS = ['test/remote/ssh.test.ts', 'test/remote/ssh-training.test.ts'];
const others = REMOTE.filter((file) => !ALWAYS.includes(file));
const left = process.env.TESSERA_REMOTE ? others.filter((file) => !some(others, 3).includes(file)) : [];
if (left.length > 0) console.log(`not tried today, TESSERA_TESTS=all tries all: ${left.join(', ')}`);

/** Real servers and trainings of many tests share the cores where they are tried. */
const LONGEST_MS = process.env.TESSERA_REMOTE ? 900_000 : 300_000;

export default defineConfig({
  test: {
    // Native add-ons and child processes need real processes. Some tests only wait, for kills or for slow sockets, so
    // five at a time keep a two-core machine busy; those of other machines wait most of all.
    pool: 'forks',
    maxWorkers: process.env.TESSERA_REMOTE ? 7 : 5,
    // A machine may be slow, or busy with trainings. Nothing waits longer than it must, so only what hangs should fail.
    testTimeout: LONGEST_MS,
    hookTimeout: LONGEST_MS,
    expect: { poll: { timeout: 120_000 } },
    globalSetup: ['test/user-folders.ts'],
    setupFiles: ['test/setup.ts'],
    reporters: ['default', 'json'],
    outputFile: { json: 'out/test-results.json' },
    projects: [
      {
        extends: true,
        test: {
          name: 'sharing',
          include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: [...ALONE, 'src/page/*.test.ts'],
          isolate: false,
        },
      },
      { extends: true, test: { name: 'alone', include: ALONE, exclude: left } },
      {
        extends: true,
        test: {
          name: 'window',
          include: ['src/renderer/**/*.test.tsx', 'src/page/*.test.ts'],
          environment: 'happy-dom',
          setupFiles: ['test/setup.ts', 'test/window/setup.ts'],
        },
      },
    ],
  },
});

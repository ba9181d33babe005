import { defineConfig } from 'vitest/config';

/** Tests that never start the tracer, whose backend stays in the process: they can share one, which saves its start. */
const SHARING = [
  'src/renderer/**/*.test.ts',
  'src/core/{api,content,data,evaluation,documents,published,scaling,semantic-ids,store}/**/*.test.ts',
];

export default defineConfig({
  test: {
    // Native add-ons and child processes need real processes. Some tests only wait, for kills or for slow sockets, so
    // three at a time keep a two-core machine busy.
    pool: 'forks',
    maxWorkers: 3,
    // A machine may be busy with trainings; nothing waits longer than it must.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000 } },
    reporters: ['default', 'json'],
    outputFile: { json: 'out/test-results.json' },
    projects: [
      {
        extends: true,
        test: { name: 'alone', include: ['src/**/*.test.ts', 'test/**/*.test.ts'], exclude: SHARING },
      },
      { extends: true, test: { name: 'sharing', include: SHARING, isolate: false } },
    ],
  },
});

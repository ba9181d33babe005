import { resolve } from 'node:path';
import { defineConfig } from 'electron-vite';
import renderer from './vite.config.ts';

const entry = (path: string) => resolve(import.meta.dirname, 'src', path);

export default defineConfig({
  main: {
    build: {
      outDir: 'out/main',
      rollupOptions: {
        // Processes of their own are entries of their own; the files they fork stand beside them.
        input: {
          electron: entry('main/electron/main.ts'),
          cli: entry('main/cli/main.mjs'),
          trainer: entry('main/workers/trainer.ts'),
          importer: entry('main/workers/importer.ts'),
          machine: entry('main/workers/machine.ts'),
          'plugin-looker': entry('main/workers/plugin-looker.ts'),
          'remote-trainer': entry('main/workers/remote-trainer.ts'),
          'host-agent': entry('main/workers/host-agent.ts'),
          analyst: entry('main/analyst/analyst.ts'),
          'mcp-reader': entry('main/mcp/reader.ts'),
          probe: entry('core/engine/devices/probe.ts'),
        },
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      rollupOptions: {
        input: { preload: entry('main/electron/preload.ts') },
        // A sandboxed preload script cannot be an ES module.
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer,
});

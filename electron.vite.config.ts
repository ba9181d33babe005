import { resolve } from 'node:path';
import { defineConfig } from 'electron-vite';

const entry = (path: string) => resolve(import.meta.dirname, 'src', path);

export default defineConfig({
  main: {
    build: {
      outDir: 'out/main',
      rollupOptions: {
        // Processes of their own are entries of their own; the files they fork stand beside them.
        input: {
          cli: entry('main/cli.ts'),
          trainer: entry('main/workers/trainer.ts'),
          probe: entry('core/engine/devices/probe.ts'),
        },
      },
    },
  },
});

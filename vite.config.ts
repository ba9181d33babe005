/** How the window is built, for electron-vite and for the browser shell alike. */
import { resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { build, defineConfig, type Plugin } from 'vite';

const root = resolve(import.meta.dirname, 'src/renderer');

/** Nothing happens where a module of core is loaded in the window: what it names and does not use is left out. */
const treeshake = { moduleSideEffects: [{ test: /[\\/]src[\\/]core[\\/]/, sideEffects: false }] };
const outDir = resolve(import.meta.dirname, 'out/renderer');

/** The script that reports as pages hold: one file that loads nothing, beside the window, whose folder is emptied before. */
const reportPage: Plugin = {
  name: 'report-page',
  apply: 'build',
  closeBundle: async () => {
    const entry = resolve(import.meta.dirname, 'src/page/page.ts');
    const lib = { entry, formats: ['iife' as const], name: 'reportPage', fileName: () => 'report-page.js' };
    const options = { outDir, lib, emptyOutDir: false, target: 'chrome130', rollupOptions: { treeshake } };
    await build({ configFile: false, publicDir: false, logLevel: 'warn', build: options });
  },
};

export default defineConfig({
  root,
  // Relative, so that the same files work under http: and app:.
  base: './',
  plugins: [react(), reportPage],
  resolve: { alias: { 'tessera:gallery': resolve(import.meta.dirname, 'test/figures/Gallery.tsx') } },
  build: {
    outDir,
    emptyOutDir: true,
    target: 'chrome130',
    minify: true,
    // Small files inlined as data: would need a weaker policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    license: { fileName: 'licences.txt' },
    rollupOptions: {
      input: resolve(root, 'index.html'),
      // The first screen needs no module that only others use, such as the makers of figures, which core/api names beside what every
      // screen needs.
      treeshake,
    },
  },
});

/** How the window is built, for electron-vite and for the browser shell alike. */
import { resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const root = resolve(import.meta.dirname, 'src/renderer');

export default defineConfig({
  root,
  // Relative, so that the same files work under http: and app:.
  base: './',
  plugins: [react()],
  resolve: { alias: { 'tessera:gallery': resolve(import.meta.dirname, 'test/figures/Gallery.tsx') } },
  build: {
    outDir: resolve(import.meta.dirname, 'out/renderer'),
    emptyOutDir: true,
    target: 'chrome130',
    minify: true,
    // Small files inlined as data: would need a weaker policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    license: { fileName: 'licences.txt' },
    rollupOptions: {
      input: resolve(root, 'index.html'),
      // Nothing happens where a module of core is loaded here: the first screen needs none that only others use, such as the
      // makers of figures, which core/api names beside what every screen needs.
      treeshake: { moduleSideEffects: [{ test: /[\\/]src[\\/]core[\\/]/, sideEffects: false }] },
    },
  },
});

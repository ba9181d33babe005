/** What hub and analyst load: on the desktop the hub is Electron's main process, and both must start quickly and stay small. */
import { execFile } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const HEAVY = /^(@tensorflow\/|onnxruntime-|@duckdb\/|@huggingface\/)/;
const ENTRIES = ['hub-switch.ts', 'router.ts', '../services/runs/scheduler.ts'].map((name) =>
  join(import.meta.dirname, name),
);

/** Prints the names of the packages that the modules named by the arguments load, one a line. */
const SCRIPT = `
import { registerHooks } from 'node:module';
const packages = new Set();
registerHooks({
  load(url, context, next) {
    const name = /.*\\/node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(url)?.[1];
    if (name) packages.add(name);
    return next(url, context);
  },
});
for (const url of process.argv.slice(2)) await import(url);
process.stdout.write([...packages].join('\\n'), () => process.exit(0));
`;

/** Packages that a process has loaded once it has imported these files, dependencies of dependencies included. */
async function packagesLoadedBy(files: readonly string[]): Promise<string[]> {
  const script = join(mkdtempSync(join(tmpdir(), 'tessera-loaded-')), 'script.mjs');
  writeFileSync(script, SCRIPT);
  const urls = files.map((file) => pathToFileURL(file).href);
  const { stdout } = await promisify(execFile)(process.execPath, [script, ...urls]);
  return stdout.split('\n');
}

it('the hub starts without TensorFlow.js, ONNX Runtime or DuckDB', async () => {
  const packages = await packagesLoadedBy(ENTRIES);
  expect(packages).toContain('better-sqlite3');
  expect(packages.filter((name) => HEAVY.test(name))).toEqual([]);
});

it('the analyst compares without them', async () => {
  const files = ['../analyst/router.ts', '../services/analysis/comparisons.ts'];
  const packages = await packagesLoadedBy(files.map((name) => join(import.meta.dirname, name)));
  expect(packages).toContain('better-sqlite3');
  expect(packages.filter((name) => HEAVY.test(name))).toEqual([]);
});

it('whoever asks for models loads what they compute with, and neither ONNX Runtime nor DuckDB', async () => {
  const packages = await packagesLoadedBy([join(import.meta.dirname, '../../core/families/registry.ts')]);
  expect(packages).toContain('@tensorflow/tfjs');
  expect(packages.filter((name) => /^(onnxruntime-|@duckdb\/)/.test(name))).toEqual([]);
});

it('loading one of them would be noticed', async () => {
  const heavy = ['foreign/results/given-rows.ts', 'engine/devices/onnx-session.ts'];
  const packages = await packagesLoadedBy(heavy.map((name) => join(import.meta.dirname, '../../core', name)));
  const found = packages.filter((name) => HEAVY.test(name)).join(' ');
  for (const part of ['@tensorflow/', 'onnxruntime-', '@duckdb/']) expect(found).toContain(part);
});

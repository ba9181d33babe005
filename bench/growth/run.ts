/**
 * How cost grows: every point in a process of its own, fitted, and docs/scale.md drawn anew. Measurements are kept in
 * bench/growth.json; those named are made again.
 *
 * usage: npm run bench -- --only growth [--subjects import,ranking-users]; with --subjects none the page alone is drawn
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { child } from '../processes.ts';
import { type Measurements, writePage } from './page.ts';
import { type Measured, subjects } from './subjects.ts';

const FILE = join(import.meta.dirname, '..', 'growth.json');

/** Measures the subjects with these names, by default all, and draws the page. Returns all measurements. */
export function benchmarkGrowth(names: readonly string[] = Object.keys(subjects)): Measurements {
  const kept: Measurements = existsSync(FILE) ? JSON.parse(readFileSync(FILE, 'utf8')) : {};
  for (const name of names.filter((one) => one !== 'none')) {
    kept[name] = subjects[name].sizes.map((size) => {
      const script = join(import.meta.dirname, 'point.ts');
      const measured = child<Measured>(process.execPath, [script, name, String(size)]);
      console.error(`${name} ${size}: ${JSON.stringify(measured)}`);
      return { size, measured };
    });
    // A long measurement that is interrupted keeps what it has.
    writeFileSync(FILE, `${JSON.stringify(kept, null, 1)}\n`);
  }
  const measurements = Object.fromEntries(
    Object.keys(subjects).flatMap((name) => (kept[name] ? [[name, kept[name]]] : [])),
  );
  writePage(measurements);
  return measurements;
}

/**
 * How the program holds at sizes of a home, a run, a file and a comparison that few have: each subject is written by one process and
 * measured by another, so that what is measured has the memory of its own work alone.
 *
 * usage: npm run bench -- --only scale [--subjects runs,users,…]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { child } from '../processes.ts';
import type { Measure } from './measures.ts';
import { subjects } from './subjects.ts';

const POINT = join(import.meta.dirname, 'point.ts');

/** Measures the subjects with these names, by default all, beside what was measured earlier. */
export function benchmarkScale(
  names: readonly string[] = Object.keys(subjects),
  earlier: Record<string, Measure[]> = {},
): Record<string, Measure[]> {
  const all = { ...earlier };
  for (const name of names) {
    const folder = mkdtempSync(join(tmpdir(), 'tessera-scale-'));
    try {
      const made = child<Measure[]>(process.execPath, [POINT, name, 'make', folder]);
      all[name] = [...made, ...child<Measure[]>(process.execPath, [POINT, name, 'measure', folder])];
      for (const one of all[name]) console.error(`${name}: ${text(one)}`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
  return all;
}

const text = ({ what, value, unit, most }: Measure) =>
  `${what}: ${value} ${unit}${most === undefined ? '' : `, at most ${most}${value > most ? ' MISSED' : ''}`}`;

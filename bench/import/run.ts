/**
 * Import of a generated 20-million-row ratings CSV against bare DuckDB, alternating, each in its own process.
 * Usage: node bench/import/run.ts [--rows N] [--alternations N] [--order by-user|by-time]
 * Prints one JSON object: {rows, order, seconds, bareSeconds, ratio, cpuRatio, peakMiB, barePeakMiB, ratios}; times are medians.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { median } from '../median.ts';
import { generateRatings, type RowOrder } from './generate.ts';

interface Measurement {
  seconds: number;
  cpuSeconds: number;
  peakMiB: number;
}

export interface ImportBenchmark {
  rows: number;
  order: RowOrder;
  seconds: number;
  bareSeconds: number;
  /** Median of the ratios of the alternations. */
  ratio: number;
  /** The same of CPU time, which other work on the machine disturbs less. */
  cpuRatio: number;
  peakMiB: number;
  barePeakMiB: number;
  ratios: number[];
}

function measure(script: string, ...args: string[]): Measurement {
  const path = join(import.meta.dirname, script);
  return JSON.parse(execFileSync(process.execPath, [path, ...args], { encoding: 'utf8' })) as Measurement;
}

/** Generates the file, alternates both, removes everything again. */
export function benchmarkImport(rows: number, alternations: number, order: RowOrder): ImportBenchmark {
  const work = join(import.meta.dirname, '..', 'work');
  mkdirSync(work, { recursive: true });
  const folder = mkdtempSync(join(work, 'import-'));
  try {
    const source = join(folder, 'ratings.csv');
    const users = Math.ceil(rows / 144);
    generateRatings(source, { rows, users, items: Math.min(26744, rows), order, seed: 1 });
    const bare: Measurement[] = [];
    const ours: Measurement[] = [];
    for (let turn = 0; turn < alternations; turn++) {
      bare.push(measure('bare.ts', source, join(folder, 'bare.parquet')));
      ours.push(measure('ours.ts', source, join(folder, 'home')));
      rmSync(join(folder, 'home'), { recursive: true });
    }
    const ratios = ours.map(({ seconds }, turn) => seconds / bare[turn].seconds);
    const cpuRatios = ours.map(({ cpuSeconds }, turn) => cpuSeconds / bare[turn].cpuSeconds);
    return {
      rows,
      order,
      seconds: median(ours.map((result) => result.seconds)),
      bareSeconds: median(bare.map((result) => result.seconds)),
      ratio: median(ratios),
      cpuRatio: median(cpuRatios),
      peakMiB: Math.max(...ours.map((result) => result.peakMiB)),
      barePeakMiB: Math.max(...bare.map((result) => result.peakMiB)),
      ratios,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({
    options: {
      rows: { type: 'string', default: '20000000' },
      alternations: { type: 'string', default: '5' },
      order: { type: 'string', default: 'by-time' },
    },
  });
  const order: RowOrder = values.order === 'by-user' ? 'by-user' : 'by-time';
  console.log(JSON.stringify(benchmarkImport(Number(values.rows), Number(values.alternations), order)));
}

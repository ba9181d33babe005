/**
 * What is said before the first run of each model, against what it takes: one line a model with the factor of the middle of the
 * range; then for each data set, and for all, how many are within a factor of three, of which nine in ten are wanted: else it
 * ends with 1. The generated sample set is measured beside what is named. Models that need a trained one are left out.
 * A busy machine is refused, with 2; with --busy another training goes on meanwhile, and nothing is refused.
 *
 * usage: node bench/estimates.ts [DATA...] [--busy] [--epochs 2] [--models sasrec,hstu]
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { writeSample } from '../src/core/data/sample/sample.ts';
import { allModels, resolveConfig } from '../src/core/families/registry.ts';
import { openStore } from '../src/core/store/open-store.ts';
import { estimate } from '../src/main/analyst/model-info.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    busy: { type: 'boolean', default: false },
    epochs: { type: 'string', default: '2' },
    models: { type: 'string' },
  },
});
const CLI = join(import.meta.dirname, '../src/main/cli/main.mjs');
const home = mkdtempSync(join(tmpdir(), 'tessera-estimates-'));
const args = (...more: string[]) => [CLI, '--home', home, '--json', ...more];
const tessera = (...more: string[]) =>
  execFileSync(process.execPath, args(...more), { stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' });
/** They are built on a trained one, or take hours. */
const LEFT_OUT = new Set(['tiger', 'liger', 'rpg', 'lc-rec', 'rewarded', 'brew', 'imported-ids']);
const wanted = values.models?.split(',');

/** Factor within which an estimate is right, and the share of them that is wanted to be. */
const [FACTOR, WANTED] = [3, 0.9];
/** Share of all cores that what is not measured here may take. */
const IDLE = 0.1;
const WATCHED_MS = 3_000;

const busy = values.busy ? 0 : await busyShare();
if (busy > IDLE) {
  console.error(
    `Other programs take ${Math.round(100 * busy)} % of this machine: end them, or measure beside a training with --busy`,
  );
  process.exit(2);
}
const factors: number[] = [];
try {
  const sample = join(home, 'sample');
  writeSample(sample);
  for (const [at, data] of [...positionals, sample].entries()) {
    const here = measureOn(data, `data-${at}`);
    factors.push(...here);
    console.log(`${data === sample ? 'sample' : data}: ${rightText(here)}`);
  }
  console.log(`All: ${rightText(factors)}, ${100 * WANTED} % are wanted`);
} finally {
  rmSync(home, { recursive: true, force: true });
}
process.exitCode = factors.filter(isRight).length >= WANTED * factors.length ? 0 : 1;

/** Of what all cores did in some seconds. */
async function busyShare(): Promise<number> {
  const counted = () =>
    cpus().reduce(
      ([worked, all], { times: { idle, ...others } }) => {
        const work = Object.values(others).reduce((sum, time) => sum + time, 0);
        return [worked + work, all + work + idle];
      },
      [0, 0],
    );
  const before = counted();
  await setTimeout(WATCHED_MS);
  const [worked, all] = counted().map((time, at) => time - before[at]);
  return worked / Math.max(1, all);
}

function isRight(factor: number): boolean {
  return factor < FACTOR && 1 / factor < FACTOR;
}

function rightText(of: readonly number[]): string {
  return `${of.filter(isRight).length} of ${of.length} within a factor of ${FACTOR}`;
}

/** The estimate of each model by what it took. */
function measureOn(data: string, dataset: string): number[] {
  const factors: number[] = [];
  tessera('datasets', 'import', data, '--name', dataset);
  const models = allModels().filter(({ id }) => !LEFT_OUT.has(id) && (wanted?.includes(id) ?? true));
  for (const model of models) {
    const overrides = 'epochs' in resolveConfig(model.id, {}) ? { epochs: Number(values.epochs) } : {};
    const store = openStore(home);
    const { low, high } = estimate(store, { model: model.id, overrides, dataset, device: 'cpu' }).time ?? {};
    store.close();
    if (low === undefined || high === undefined) continue;
    const seconds = train(model.id, dataset, overrides);
    if (seconds === null) continue;
    const factor = (low + high) / 2 / seconds;
    factors.push(factor);
    const range = `${low.toFixed(1)} to ${high.toFixed(1)} s`;
    console.log([dataset, model.id, range, `${seconds.toFixed(1)} s`, factor.toFixed(2)].join('  '));
  }
  return factors;
}

/** Seconds from the command to its end; null for a model that this data set cannot train. */
function train(model: string, dataset: string, overrides: Record<string, unknown>): number | null {
  const set = Object.entries(overrides).flatMap(([key, value]) => ['--set', `${key}=${value}`]);
  const command = [
    'train',
    '--dataset',
    dataset,
    '--model',
    model,
    '--device',
    'cpu',
    '--threads',
    '1',
    ...set,
  ];
  const other = values.busy
    ? spawn(
        process.execPath,
        args('train', '--dataset', dataset, '--model', 'ease', '--name', `busy ${model}`, '--device', 'cpu'),
        { stdio: 'ignore' },
      )
    : null;
  const begun = performance.now();
  try {
    tessera(...command);
    return (performance.now() - begun) / 1000;
  } catch {
    return null;
  } finally {
    other?.kill('SIGTERM');
  }
}

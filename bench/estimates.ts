/**
 * What is said before the first run of each model, against what it takes: one line a model, with the factor of the middle of the
 * range, and how many of all are within a factor of three. Models that need a trained one are left out. With --busy another training
 * goes on meanwhile.
 *
 * usage: node bench/estimates.ts DATA... [--busy] [--epochs 2] [--models sasrec,hstu]
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
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
const LEFT_OUT = new Set(['tiger', 'liger', 'rpg', 'brew', 'imported-ids']);
const wanted = values.models?.split(',');

let [within, all] = [0, 0];
try {
  for (const [at, data] of positionals.entries()) measureOn(data, `data-${at}`);
  console.log(`${within} of ${all} within a factor of three`);
} finally {
  rmSync(home, { recursive: true, force: true });
}

function measureOn(data: string, dataset: string): void {
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
    const middle = (low + high) / 2;
    all++;
    if (middle / seconds < 3 && seconds / middle < 3) within++;
    console.log(
      [
        data,
        model.id,
        `${low.toFixed(1)} to ${high.toFixed(1)} s`,
        `${seconds.toFixed(1)} s`,
        (middle / seconds).toFixed(2),
      ].join('  '),
    );
  }
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

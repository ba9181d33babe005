/**
 * Records the validation curves of 300 configurations of SASRec on MovieLens latest-small, for compare.ts.
 * usage: node bench/search/record.ts DATA FOLDER [MOST]: DATA has ratings.csv; what is in FOLDER is not trained again; MOST trainings
 * in this call.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { importDataset } from '../../src/core/data/import/import.ts';
import { resolveConfig } from '../../src/core/families/registry.ts';
import { runTraining } from '../../src/core/families/trainer.ts';
import type { TrainerEvent } from '../../src/core/training/events.ts';
import { type Curve, configurations, FIXED, fileOf, METRIC } from './curves.ts';

const [data, folder, most = '300'] = process.argv.slice(2);
if (!data || !folder) throw new Error('usage: node bench/search/record.ts DATA FOLDER [MOST]');

const curves = join(folder, 'curves');
mkdirSync(curves, { recursive: true });

async function datasetDir(): Promise<string> {
  const datasets = join(folder, 'datasets');
  const [known] = existsSync(datasets) ? readdirSync(datasets).filter((name) => !name.startsWith('.')) : [];
  if (known) return join(datasets, known);
  const { id } = await importDataset(
    { paths: [join(data, 'ratings.csv')], name: 'ml-latest-small' },
    { home: folder },
  );
  return join(datasets, id);
}

async function record(at: number, settings: Curve['settings'], dataset: string): Promise<Curve> {
  const values: number[] = [];
  const hear = (event: TrainerEvent) => {
    if (event.type !== 'series') return;
    for (const points of event.points) if (points.metric === METRIC) values.push(...points.values);
  };
  const runDir = join(folder, 'run');
  rmSync(runDir, { recursive: true, force: true });
  mkdirSync(runDir, { recursive: true });
  const result = await runTraining(
    {
      runId: `curve-${at + 1}`,
      model: 'sasrec',
      config: resolveConfig('sasrec', { overrides: { ...FIXED, ...settings } }),
      datasetDir: dataset,
      seed: 1,
      device: 'cpu',
      threads: 1,
      runDir,
      resumeFrom: null,
    },
    hear,
  );
  return { settings, values, seconds: result.seconds };
}

const dataset = await datasetDir();
const all = configurations();
const left = [...all.keys()].filter((at) => !existsSync(join(curves, fileOf(at))));
for (const at of left.slice(0, Number(most))) {
  const curve = await record(at, all[at], dataset);
  const file = join(curves, fileOf(at));
  writeFileSync(`${file}.part`, JSON.stringify(curve));
  renameSync(`${file}.part`, file);
  console.log(
    `${at + 1} of ${all.length}: ${curve.seconds.toFixed(1)} s, best ${Math.max(...curve.values).toFixed(4)}`,
  );
}

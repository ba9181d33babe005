/** Every model trained op by op, as TensorFlow would, where reading a freed tensor is an error. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { refuseDisposed } from '../../../test/engine/refuse-disposed.ts';
import { some } from '../../../test/form.ts';
import { home, prepared, tokeniser } from '../../../test/semantic-ids/sample-ids.ts';
import { smallConfig } from '../../../test/small-models.ts';
import { importDataset } from '../data/import/import.ts';
import { readSummary } from '../data/read.ts';
import { writeSample } from '../data/sample/sample.ts';
import { EagerDeviceContext } from '../engine/devices/eager.ts';
import type { TrainerEvent } from '../training/events.ts';
import { findModel, models } from './registry.ts';

refuseDisposed();

/** Folders of data sets of each kind. */
let sequences = '';
let clicks = '';
beforeAll(async () => {
  const paths = writeSample(join(home, 'few'), { users: 50, items: 50, seed: 1 });
  sequences = await imported(paths);
  const lines = Array.from(
    { length: 240 },
    (_, at) => `${(at * 7) % 3 === 0 ? 1 : 0},g${at % 4},${at % 9},u${at % 20},p${at % 30},${1e9 + at}`,
  );
  writeFileSync(join(home, 'log.csv'), `label,group,count,user,item,time\n${lines.join('\n')}\n`);
  clicks = await imported([join(home, 'log.csv')]);
});

async function imported(paths: string[]): Promise<string> {
  const { id } = await importDataset({ paths }, { home });
  return join(home, 'datasets', id);
}

async function losses(id: string, overrides: Record<string, unknown>): Promise<number[]> {
  const model = findModel(id);
  const config = smallConfig(model, overrides);
  const datasetDir =
    model.kind === 'generative' ? await prepared : model.kind === 'ranking' ? clicks : sequences;
  const seen: number[] = [];
  const emit = (event: TrainerEvent) => {
    if (event.type !== 'series') return;
    const steps = event.points.filter(({ metric }) => metric === 'train/loss');
    seen.push(...steps.flatMap(({ values }) => values));
  };
  const device = new EagerDeviceContext('tfjs-gpu', 'cpu');
  const sources = model.kind === 'generative' ? { tokeniser } : {};
  const run = { runId: id, seed: 3, device: 'tfjs-gpu', threads: 1, resumeFrom: null } as const;
  const runDir = join(home, `eager-${id}`);
  mkdirSync(runDir, { recursive: true });
  const spec = { ...run, model: id, config, datasetDir, runDir, sources };
  try {
    await model.train({ spec, config, summary: readSummary(datasetDir), device, emit, started: () => {} });
  } finally {
    await device.dispose();
  }
  return seen;
}

/** What presets and options bring in beside the defaults. */
const variants: [string, Record<string, unknown>][] = [
  ['sasrec', { loss: 'full-softmax' }],
  ['sasrec', { loss: 'bce' }],
  ['gru4rec', { training: 'session-parallel' }],
  ['tiger', { encoding: 'prefixes' }],
];
const trained = models.filter(
  ({ kind, sources, configSchema }) =>
    kind !== 'fitted' && 'learningRate' in configSchema.shape && !sources?.policy,
);

const cases = [...trained.map(({ id }): [string, Record<string, unknown>] => [id, {}]), ...variants];

test.each(some(cases, 5))('%s %o', async (id, overrides) => {
  const values = await losses(id, overrides);
  expect(values.length).toBeGreaterThan(0);
  expect(values.every(Number.isFinite)).toBe(true);
});

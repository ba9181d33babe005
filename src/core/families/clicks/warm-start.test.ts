/** Trainings of click models that begin with the parameters of a run on other rows. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, test } from 'vitest';
import { importDataset } from '../../data/import/import.ts';
import type { NamedTensor } from '../../files/safetensors.ts';
import { readCheckpoint } from '../../training/checkpoints.ts';
import type { SourceRun, TrainerEvent } from '../../training/events.ts';
import { runTraining } from '../trainer.ts';
import { clickModels } from './click-models.ts';

const home = mkdtempSync(join(tmpdir(), 'tessera-click-start-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** A log whose users, items and groups begin at these numbers; ids that no number holds. Numbers may stand in another order. */
async function log(name: string, from: number, numbers: readonly string[], label = 'label') {
  const lines = Array.from({ length: 240 }, (_, at) => {
    const [user, item, group] = [from + (at % 20), from + (at % 12), from + (at % 5)];
    const cells = numbers.map((_, column) => (at * (3 + column)) % 7);
    return [
      at % 3 === 0 ? 1 : 0,
      `g${group}`,
      ...cells,
      `u${user}`,
      `900719925474099${10 + item}`,
      at,
    ].join();
  });
  const path = join(home, `${name}.csv`);
  writeFileSync(
    path,
    `${[label, 'group', ...numbers, 'user', 'item', 'time'].join()}\n${lines.join('\n')}\n`,
  );
  const map = { label, categorical: 'group', dense: numbers.join('+'), time: 'time' };
  const { id } = await importDataset({ paths: [path], map }, { home });
  return join(home, 'datasets', id);
}

const before = log('before', 0, ['x', 'y']);
const after = log('after', 4, ['z', 'y', 'x']);

const small: Record<string, unknown> = {
  ...{ dim: 8, bottom: '8', top: '8', blocks: 1, heads: 1, dqk: 8, dv: 8, historyLength: 4 },
  ...{ epochs: 1, batchSize: 64, learningRate: 0.05, split: 'time', selection: 'final-epoch' },
};
/** One pass at a rate so small that it changes next to nothing: what a training begins with. */
const unmoved = { learningRate: 1e-12 };

let runs = 0;

async function train(
  model: string,
  datasetDir: string,
  overrides: Record<string, unknown> = {},
  startFrom?: SourceRun,
) {
  const definition = clickModels.find(({ id }) => id === model);
  const wanted = Object.entries({ ...small, ...overrides });
  const keys = Object.keys(definition?.configSchema.shape ?? {});
  const config = definition?.configSchema.parse(
    Object.fromEntries(wanted.filter(([key]) => keys.includes(key))),
  ) as Record<string, unknown>;
  const runDir = join(home, `run-${runs++}`);
  const told: string[] = [];
  let checkpoint = '';
  const emit = (event: TrainerEvent) => {
    if (event.type === 'log' && event.message.includes('starts from'))
      told.push(`${event.level}: ${event.message}`);
    if (event.type === 'checkpoint' && event.checkpoint.kind === 'last') checkpoint = event.checkpoint.path;
  };
  await runTraining(
    {
      ...({ runId: 'run', seed: 3, device: 'cpu', threads: 1, resumeFrom: null } as const),
      ...{ model, config, datasetDir, runDir, sources: startFrom && { startFrom } },
    },
    emit,
  );
  const source: SourceRun = { run: 'id', name: 'first', model, config, dir: runDir, checkpoint, datasetDir };
  return { source, told, tensors: readCheckpoint(checkpoint).tensors };
}

function row({ data, spec }: NamedTensor, at: number): number[] {
  const width = spec.shape.slice(1).reduce((product, size) => product * size, 1);
  return Array.from(data.subarray(at * width, (at + 1) * width));
}

function expectNear(values: readonly number[], others: readonly number[], what: string): void {
  const worst = Math.max(...values.map((value, at) => Math.abs(value - others[at])));
  expect(worst, what).toBeLessThan(1e-6);
}

const starting = clickModels.flatMap(({ id, isFitted }) => (isFitted ? [] : [id]));

test('every click model that is trained can start from a run', () => {
  expect(starting).toEqual(['logistic', 'dlrm', 'hstu-ranking']);
  for (const { sources, configSchema, isFitted } of clickModels) {
    expect(sources?.startFrom).toBe(isFitted ? undefined : 'optional');
    expect('startFrom' in configSchema.shape).toBe(!isFitted);
  }
});

/** By table: the rows here and there of what stands in both, and rows of what is new here. */
const rowsOf = (here: readonly string[], there: readonly string[]) =>
  here.map((name, at) => ({ name, at, place: there.indexOf(name) }));
const named = (letter: string, from: number, count: number) => [
  '',
  ...Array.from({ length: count }, (_, at) => `${letter}${from + at}`),
];
const columns: Record<string, { here: string[]; there: string[] }> = {
  'tables/user': { here: named('u', 4, 20), there: named('u', 0, 20) },
  'tables/items': { here: named('', 4, 12), there: named('', 0, 12) },
  'tables/item': { here: named('', 4, 12), there: named('', 0, 12) },
  'item-embedding': { here: named('', 4, 12), there: named('', 0, 12) },
  'tables/group': { here: named('g', 4, 5), there: named('g', 0, 5) },
  'bottom/0/weight': { here: ['z', 'y', 'x'], there: ['x', 'y'] },
  numbers: { here: ['z', 'y', 'x'], there: ['x', 'y'] },
  'dense-projection': { here: ['z', 'y', 'x'], there: ['x', 'y'] },
};

test.each(starting)(
  '%s takes rows by ids, values and names of columns, and every other weight',
  async (model) => {
    const first = await train(model, await before);
    const second = await train(model, await after, unmoved, first.source);
    const cold = await train(model, await after, unmoved);
    const parameters = Object.keys(second.tensors).filter((name) => !/^(m|v)\//.test(name));
    expect(parameters.filter((name) => columns[name]).length).toBeGreaterThan(2);
    for (const name of parameters) {
      const [tensor, other, initial] = [second, first, cold].map(({ tensors }) => tensors[name]);
      if (!columns[name]) {
        expectNear(Array.from(tensor.data), Array.from(other.data), name);
        continue;
      }
      const { here, there } = columns[name];
      expect(tensor.spec.shape[0], name).toBe(here.length);
      for (const { name: value, at, place } of rowsOf(here, there))
        expectNear(
          row(tensor, at),
          place < 0 ? row(initial, at) : row(other, place),
          `${name} of "${value}"`,
        );
    }
    expect(second.told).toEqual([
      'info: starts from run first (id): the vectors of 8 of 12 items and all weights are taken',
    ]);
  },
);

it('takes pairs of columns by both names, and begins with others anew', async () => {
  const first = await train('dlrm', await before);
  const chosen = { features: 'x,y,item,group', ...unmoved };
  const [second, cold] = [
    await train('dlrm', await before, chosen, first.source),
    await train('dlrm', await before, chosen),
  ];
  const [tensor, other] = [second, first].map(({ tensors }) => tensors['top/0/weight']);
  const vectors = ['numbers', 'group', 'user', 'item'];
  const pairs = (names: readonly string[]) =>
    names.flatMap((one, at) => names.slice(0, at).map((two) => `${two} by ${one}`));
  const inputs = (names: readonly string[]) => [...named('n', 0, 8).slice(1), ...pairs(names)];
  const kept = inputs(vectors.filter((name) => name !== 'user'));
  expect(tensor.spec.shape[0]).toBe(kept.length);
  for (const { name, at, place } of rowsOf(kept, inputs(vectors)))
    expectNear(row(tensor, at), row(other, place), name);
  expect(row(cold.tensors['top/0/weight'], 0)).not.toEqual(row(tensor, 0));
});

it('takes rows that values share on the same rows alone', async () => {
  const hashed = { maxIds: 3 };
  const first = await train('dlrm', await before, hashed);
  const same = await train('dlrm', await before, { ...hashed, ...unmoved, dropout: 0.1 }, first.source);
  expectNear(row(same.tensors['tables/items'], 1), row(first.tensors['tables/items'], 1), 'items');
  expect(same.told).toEqual(['info: starts from run first (id): all weights are taken']);
  const [other, cold] = [
    await train('dlrm', await after, { ...hashed, ...unmoved }, first.source),
    await train('dlrm', await after, { ...hashed, ...unmoved }),
  ];
  expectNear(row(other.tensors['tables/items'], 1), row(cold.tensors['tables/items'], 1), 'items');
  expect(other.told[0]).toMatch(/the weights that fit are taken; what begins anew: .*tables\/items/);
});

it('finds frequent categories by their values', async () => {
  // Of the first 192 rows the users of u0 to u11 have ten, others nine.
  const first = await train('dlrm', await before, { minCount: 10 });
  const frequent = named('u', 0, 12);
  expect(first.tensors['tables/user'].spec.shape[0]).toBe(frequent.length);
  const every = { minCount: 1, ...unmoved };
  const [second, cold] = [
    await train('dlrm', await after, every, first.source),
    await train('dlrm', await after, every),
  ].map(({ tensors }) => tensors['tables/user']);
  for (const { name, at, place } of rowsOf(named('u', 4, 20), frequent))
    expectNear(row(second, at), place < 0 ? row(cold, at) : row(first.tensors['tables/user'], place), name);
});

it('says where the label is another, and refuses another width in one line', async () => {
  const first = await train('logistic', await before);
  const bought = await log('bought', 0, ['x', 'y'], 'bought');
  const { told } = await train('logistic', bought, unmoved, first.source);
  expect(told[0]).toMatch(
    /^warn: starts from run first \(id\): .*; it predicted label, and here it is bought$/,
  );
  const dlrm = await train('dlrm', await before);
  await expect(train('dlrm', await before, { dim: 4 }, dlrm.source)).rejects.toThrow(
    /config "startFrom": run first \(id\) has "bottom\/1\/weight" of shape 8 x 8, and here it is 8 x 4: name one of the same widths/,
  );
});

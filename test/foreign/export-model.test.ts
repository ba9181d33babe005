/** Trained models as ONNX, run by ONNX Runtime without anything of ours, against what the runs recommend. */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { beforeAll, describe, expect, it } from 'vitest';
import { openClickData } from '../../src/core/data/clicks/index.ts';
import { writeSample } from '../../src/core/data/sample/sample.ts';
import { readPredictions } from '../../src/core/evaluation/predictions-file.ts';
import { selectTop } from '../../src/core/evaluation/ranking.ts';
import { clickSchema } from '../../src/core/families/clicks/click-config.ts';
import { type ExportedGraph, exportedGraph } from '../../src/core/families/exported-model.ts';
import { configOfRun } from '../../src/core/families/registry.ts';
import { openStore } from '../../src/core/store/open-store.ts';
import { CommandLine, TRAIN } from '../cli/command-line.ts';

const cli = new CommandLine();
const within = (...names: string[]) => join(cli.folder, ...names);
const USERS = 50;

const train = (model: string, ...settings: string[]) =>
  cli.text(
    ...[...TRAIN, '--dataset', 'club', '--model', model, '--name', model],
    ...['dim=16', 'maxLength=12', 'epochs=2', ...settings].flatMap((setting) => ['--set', setting]),
  );

beforeAll(async () => {
  await cli.text(
    'datasets',
    'import',
    ...writeSample(within('sample'), { users: USERS, items: 70 }),
    '--name',
    'club',
  );
  await train('sasrec');
  await train('bert4rec');
  await train('hstu', 'targetTime=seen', 'sideFeatures=rating,genres');
  await train('gru4rec', 'hidden=16', 'coldItems=0.1', 'sideFeatures=genres');
  await cli.text(
    ...[...TRAIN, '--dataset', 'club', '--model', 'residual-kmeans', '--name', 'ids'],
    ...['--set', 'levels=2', '--set', 'codes=8'],
  );
  await cli.text(
    ...[...TRAIN, '--dataset', 'club', '--model', 'tiger', '--name', 'tiger'],
    ...[
      ...['tokeniser=ids', 'epochs=2', 'dim=16', 'heads=2', 'headDim=8', 'ffnDim=32', 'maxLength=6'],
      ...['encoderBlocks=1', 'decoderBlocks=1'],
    ].flatMap((setting) => ['--set', setting]),
  );
  const ids = ['tokeniser=ids', 'epochs=2', 'dim=16', 'heads=2', 'maxLength=6'];
  for (const [model, ...settings] of [
    ['rpg', ...ids, 'ffnDim=32', 'blocks=1', 'coldItems=0.1'],
    ['liger', ...ids, 'headDim=8', 'ffnDim=32', 'encoderBlocks=1', 'decoderBlocks=1', 'projection=16'],
    ['ease', 'coldItems=0.1'],
    [
      ...['lc-rec', 'tokeniser=ids', 'epochs=1', 'epochSteps=8', 'dim=16', 'heads=2', 'blocks=2'],
      ...['vocabulary=300', 'maxLength=6', 'learningRate=0.01', 'validationUsers=20'],
    ],
    ['rewarded', 'policy=lc-rec', 'epochs=1', 'epochSteps=2', 'group=4', 'batchSize=4', 'learningRate=0.01'],
  ])
    await cli.text(
      ...[...TRAIN, '--dataset', 'club', '--model', model, '--name', model],
      ...settings.flatMap((setting) => ['--set', setting]),
    );
  for (const [name, ...settings] of [
    ['dlrm', 'minCount=3', 'pooling=mean'],
    ['dlrm-hashed', 'compression=quotient-remainder', 'qrThreshold=10', 'denseTransform=standard'],
  ]) {
    await cli.text(
      ...[...TRAIN, '--dataset', 'club', '--model', 'dlrm', '--name', name],
      ...['dim=8', 'bottom=16-8', 'top=16-8', 'epochs=2', ...settings].flatMap((setting) => [
        '--set',
        setting,
      ]),
    );
  }
  await cli.text(...TRAIN, '--dataset', 'club', '--model', 'popularity', '--name', 'popularity');
  await cli.text('datasets', 'export', 'club', '--out', within('split'));
}, 300_000);

/** Rows of a CSV file without quotes, by column. */
function table(path: string): Record<string, string>[] {
  const [header, ...lines] = readFileSync(path, 'utf8').trimEnd().split('\n');
  const names = header.split(',');
  return lines.map((line) => Object.fromEntries(line.split(',').map((cell, at) => [names[at], cell])));
}

interface About {
  graphs: Omit<ExportedGraph, 'bytes'>[];
  history: { length: number; padding: number } | null;
}

interface Visit {
  item: string;
  seconds: number;
  rating: string;
}

/** Scores and the ten best items of each history, with batches of `size`. */
async function recommended(folder: string, histories: readonly Visit[][], size: number) {
  const about = JSON.parse(readFileSync(join(folder, 'inputs.json'), 'utf8')) as About;
  const { length, padding } = about.history ?? { length: 0, padding: -1 };
  const vocabulary = table(join(folder, 'vocabulary.csv'));
  const rows = new Map(vocabulary.map(({ row, item }) => [item, Number(row)]));
  const hidden = new Set(vocabulary.flatMap(({ item, hidden }) => (hidden === '1' ? [item] : [])));
  const codes = join(folder, 'side-features.csv');
  const ratings = new Map(
    (existsSync(codes) ? table(codes) : []).map(({ code, value }) => [Number(value), Number(code)]),
  );
  const [{ file, inputs }] = about.graphs;
  const session = await ort.InferenceSession.create(join(folder, file));
  const lists: { item: string; score: number }[][] = [];
  for (let from = 0; from < histories.length; from += size) {
    const batch = histories
      .slice(from, from + size)
      .map((visits) => visits.filter(({ item }, at) => !hidden.has(item) || at === visits.length - 1));
    const cells = (fill: number, of: (recent: Visit[], first: number) => number[]) =>
      Int32Array.from(
        batch.flatMap((visits) => {
          const values = of(visits.slice(-length), visits.slice(-length)[0].seconds);
          return [...values, ...Array<number>(length - values.length).fill(fill)];
        }),
      );
    const rowOf = ({ item }: Visit) => rows.get(item) as number;
    const arrays: Record<string, () => Int32Array | Float32Array> = {
      history: () => cells(padding, (recent) => recent.map(rowOf)),
      'side/rating': () => cells(0, (recent) => recent.map(({ rating }) => ratings.get(Number(rating)) ?? 1)),
      times: () => cells(0, (recent, first) => recent.map(({ seconds }) => seconds - first)),
      queryTimes: () =>
        cells(0, (recent, first) =>
          recent.map(({ seconds }, at) => (recent[at + 1]?.seconds ?? seconds) - first),
        ),
      seen: () => {
        const held = new Float32Array(batch.length * vocabulary.length);
        for (const [at, visits] of batch.entries())
          for (const visit of visits) held[at * vocabulary.length + rowOf(visit)] = 1;
        return held;
      },
    };
    const feeds = inputs.map(({ name, type }) => {
      const values = arrays[name]();
      const width = values.length / batch.length;
      const dims = name.startsWith('side/') ? [batch.length, width, 1] : [batch.length, width];
      return [name, new ort.Tensor(type as 'int32' | 'float32', values, dims)] as const;
    });
    const { scores } = await session.run(Object.fromEntries(feeds));
    expect(scores.dims).toEqual([batch.length, vocabulary.length]);
    batch.forEach((visits, row) => {
      const own = (scores.data as Float32Array).subarray(
        row * vocabulary.length,
        (row + 1) * vocabulary.length,
      );
      const removed = new Uint8Array(vocabulary.length);
      for (const { item } of visits) removed[rows.get(item) as number] = 1;
      const best = Array.from(selectTop(own, 10, removed));
      lists.push(best.map((item) => ({ item: vocabulary[item].item, score: own[item] })));
    });
  }
  await session.release();
  return lists;
}

describe('an exported model', () => {
  it.each(['sasrec', 'bert4rec', 'hstu', 'gru4rec', 'ease', 'rpg'])(
    'of %s makes the lists of the run at every batch size',
    async (run) => {
      const folder = within(run);
      await cli.text('export', run, '--out', folder);
      await cli.text('recommend', '--run', run, '--all', '--k', '10', '--out', `${folder}.csv`);
      const lists = Map.groupBy(table(`${folder}.csv`), ({ user_id }) => user_id);
      const visits = ['train', 'validation', 'test'].flatMap((part) => table(within('split', `${part}.csv`)));
      const histories = Map.groupBy(visits, ({ user }) => user);
      const users = [...lists.keys()];
      expect(users).toHaveLength(USERS);
      for (const size of [1, 7, USERS]) {
        const found = await recommended(
          folder,
          users.map((user) =>
            (histories.get(user) ?? []).map(({ item, time, rating }) => ({
              item,
              rating,
              seconds: Number(time),
            })),
          ),
          size,
        );
        users.forEach((user, at) => {
          const wanted = lists.get(user) ?? [];
          expect(found[at].map(({ item }) => item)).toEqual(wanted.map(({ item_id }) => item_id));
          found[at].forEach(({ score }, place) => {
            const expected = Number(wanted[place].score);
            expect(Math.abs(score - expected)).toBeLessThan(1e-5 * Math.abs(expected));
          });
        });
      }
    },
    120_000,
  );

  it.each(['dlrm', 'dlrm-hashed'])(
    'of %s gives the probabilities of the test rows at every batch size',
    async (name) => {
      await cli.text('export', name, '--out', within(name));
      const store = openStore(cli.home);
      const run = store.runs.findOwn(name);
      const directory = store.datasets.folder(run.dataset.id as string);
      const tasks = run.protocol?.task === 'ranking' ? run.protocol.tasks : [];
      const predictions = readPredictions(store.runs.folder(run.id), 'test', tasks);
      store.close();
      if (!predictions) throw new Error('no predictions');
      const { rows, logits } = predictions;
      const { table: clicks } = await openClickData(directory, clickSchema.parse(configOfRun(run)));
      const about = JSON.parse(readFileSync(within(name, 'inputs.json'), 'utf8')) as {
        columns: { name: string; input: string; width: number }[];
        numbers: { name: string; missing: number }[];
      };
      expect(about.columns.map((column) => column.name)).toContain('history-labels');
      const session = await ort.InferenceSession.create(within(name, 'model.onnx'));
      for (const size of [1, 7, rows.length]) {
        for (let from = 0; from < rows.length; from += size) {
          const batch = rows.subarray(from, from + size);
          const feeds: Record<string, ort.Tensor> = {};
          for (const { name: column, input, width } of about.columns) {
            const cells = new Int32Array(batch.length * width).fill(-1);
            const feature = clicks.features.find((one) => one.name === column);
            batch.forEach((row, at) => {
              feature?.read(row, cells, at * width);
            });
            feeds[input] = new ort.Tensor('int32', cells, [batch.length, width]);
          }
          if (about.numbers.length > 0) {
            const values = Array.from(batch, (row) =>
              about.numbers.map(({ name: column, missing }) => {
                const value = clicks.dense.find((one) => one.name === column)?.value(row) ?? Number.NaN;
                return Number.isNaN(value) ? missing : value;
              }),
            );
            feeds.dense = new ort.Tensor('float32', values.flat(), [batch.length, about.numbers.length]);
          }
          const { probabilities } = await session.run(feeds);
          expect(probabilities.dims).toEqual([batch.length, 1]);
          batch.forEach((_, at) => {
            const expected = 1 / (1 + Math.exp(-logits[0][from + at]));
            const got = (probabilities.data as Float32Array)[at];
            expect(Math.abs(got - expected)).toBeLessThan(1e-5 * expected);
          });
        }
      }
      await session.release();
    },
    120_000,
  );

  const searched = ['tiger', 'lc-rec', 'rewarded'];
  it.each(searched)(
    'of %s gives the scores of the first recommendations at every batch size',
    async (run) => {
      const folder = within(run);
      await cli.text('export', run, '--out', folder);
      await cli.text('recommend', '--run', run, '--all', '--k', '1', '--out', `${folder}.csv`);
      const about = JSON.parse(readFileSync(join(folder, 'inputs.json'), 'utf8')) as {
        history: { length: number };
        source: { length: number; before?: number; separator: number | null };
        levels: number[];
      };
      const items = table(join(folder, 'vocabulary.csv')).map((line) => ({
        item: line.item,
        code: about.levels.map((_, level) => Number(line[`token${level}`])),
      }));
      const codes = new Map(items.map(({ item, code }) => [item, code]));
      const users = join(folder, 'users.csv');
      const userTokens = new Map(
        (existsSync(users) ? table(users) : []).map(({ user, token }) => [user, Number(token)]),
      );
      const visits = ['train', 'validation', 'test'].flatMap((part) => table(within('split', `${part}.csv`)));
      const histories = Map.groupBy(visits, ({ user }) => user);
      const lists = table(`${folder}.csv`);
      expect(lists).toHaveLength(USERS);
      // The graphs of a language model share their parameters, each of which is written once.
      const outside = join(folder, 'weights.bin');
      expect(existsSync(outside)).toBe(run !== 'tiger');
      if (run !== 'tiger')
        for (const name of ['encoder.onnx', 'decoder.onnx'])
          expect(statSync(join(folder, name)).size).toBeLessThan(statSync(outside).size);
      const source = about.source.length;
      const [encoder, decoder] = await Promise.all(
        ['encoder', 'decoder'].map((name) => ort.InferenceSession.create(join(folder, `${name}.onnx`))),
      );
      for (const size of [1, 7, USERS]) {
        for (let from = 0; from < lists.length; from += size) {
          const batch = lists.slice(from, from + size);
          const tokens = new Int32Array(batch.length * source);
          const present = new Float32Array(tokens.length);
          const decoderTokens = new Int32Array(batch.length * about.levels.length);
          batch.forEach(({ user_id, item_id }, row) => {
            const recent = (histories.get(user_id) ?? []).slice(-about.history.length);
            const parts = [
              ...Array<number>(about.source.before ?? 0).fill(0),
              userTokens.get(user_id) ?? [],
            ].flat();
            recent.forEach(({ item }, at) => {
              if (about.source.separator !== null && at > 0) parts.push(about.source.separator);
              parts.push(...(codes.get(item) as number[]));
            });
            tokens.set(parts, row * source);
            present.fill(1, row * source, row * source + parts.length);
            decoderTokens.set((codes.get(item_id) as number[]).slice(0, -1), row * about.levels.length + 1);
          });
          const shown = new ort.Tensor('float32', present, [batch.length, source]);
          const { states } = await encoder.run({
            tokens: new ort.Tensor('int32', tokens, [batch.length, source]),
            present: shown,
          });
          const logits = await decoder.run({
            states,
            present: shown,
            decoderTokens: new ort.Tensor('int32', decoderTokens, [batch.length, about.levels.length]),
          });
          batch.forEach(({ item_id, score }, row) => {
            const code = codes.get(item_id) as number[];
            const sum = about.levels.reduce((total, first, level) => {
              const { dims, data } = logits[`logits/${level}`];
              const own = (data as Float32Array).subarray(row * dims[1], (row + 1) * dims[1]);
              const alike = items.filter(
                (one) => one.code.slice(0, level).join() === code.slice(0, level).join(),
              );
              const next = [...new Set(alike.map((one) => one.code[level]))];
              const norm = Math.log(next.reduce((exps, token) => exps + Math.exp(own[token - first]), 0));
              return total + own[code[level] - first] - norm;
            }, 0);
            expect(Math.abs(sum - Number(score))).toBeLessThan(1e-5 * Math.abs(Number(score)));
          });
        }
      }
      await Promise.all([encoder.release(), decoder.release()]);
    },
    120_000,
  );

  it('of LIGER orders what is found as its lists are, at every batch size', async () => {
    const folder = within('liger');
    await cli.text('export', 'liger', '--out', folder);
    await cli.text('recommend', '--run', 'liger', '--all', '--k', '10', '--out', `${folder}.csv`);
    const about = JSON.parse(readFileSync(join(folder, 'inputs.json'), 'utf8')) as {
      history: { length: number };
      source: { length: number };
      levels: number[];
    };
    const vocabulary = table(join(folder, 'vocabulary.csv'));
    const rows = new Map(vocabulary.map(({ item }, row) => [item, row]));
    const visits = ['train', 'validation', 'test'].flatMap((part) => table(within('split', `${part}.csv`)));
    const histories = Map.groupBy(visits, ({ user }) => user);
    const lists = [...Map.groupBy(table(`${folder}.csv`), ({ user_id }) => user_id)];
    expect(lists).toHaveLength(USERS);
    const encoder = await ort.InferenceSession.create(join(folder, 'encoder.onnx'));
    const { length } = about.history;
    const { length: source } = about.source;
    for (const size of [1, 7, USERS]) {
      for (let from = 0; from < lists.length; from += size) {
        const batch = lists.slice(from, from + size);
        const tokens = new Int32Array(batch.length * source);
        const present = new Float32Array(tokens.length);
        const items = new Int32Array(batch.length * length);
        for (const [at, [user]] of batch.entries()) {
          const recent = (histories.get(user) ?? [])
            .slice(-length)
            .map(({ item }) => rows.get(item) as number);
          const codes = recent.flatMap((row) =>
            about.levels.map((_, level) => Number(vocabulary[row][`token${level}`])),
          );
          tokens.set(codes, at * source);
          present.fill(1, at * source, at * source + codes.length);
          items.set(recent, at * length);
        }
        const { similarities } = await encoder.run({
          tokens: new ort.Tensor('int32', tokens, [batch.length, source]),
          present: new ort.Tensor('float32', present, [batch.length, source]),
          items: new ort.Tensor('int32', items, [batch.length, length]),
        });
        expect(similarities.dims).toEqual([batch.length, vocabulary.length]);
        for (const [at, [, list]] of batch.entries())
          for (const { item_id, score } of list) {
            const found = similarities.data[at * vocabulary.length + (rows.get(item_id) as number)];
            expect(Math.abs(Number(found) - Number(score))).toBeLessThan(1e-5);
          }
      }
    }
    await encoder.release();
  }, 120_000);

  it('is not larger than a file of the format can be', () => {
    const weights = { byteLength: 2 ** 31 } as Float32Array;
    expect(() =>
      exportedGraph('model.onnx', () => expect.unreachable('it is looked at before'), { weights }, {}),
    ).toThrow('the model has 2.0 GiB of parameters, and an ONNX file holds less than 2 GiB');
  });

  it('says what it is, and has no operator of one runtime', async () => {
    const { files } = await cli.json<{ files: string[] }>('export', 'sasrec', '--out', within('facts'));
    expect(files).toEqual(['model.onnx', 'inputs.json', 'vocabulary.csv', 'example.py']);
    expect(readFileSync(within('facts', 'model.onnx')).includes('com.microsoft')).toBe(false);
    const run = await cli.json<{ id: string; dataset: { fingerprint: string } }>('runs', 'show', 'sasrec');
    expect(JSON.parse(readFileSync(within('facts', 'inputs.json'), 'utf8'))).toMatchObject({
      schema: 'tessera-model-1',
      run: { id: run.id, name: 'sasrec' },
      dataset: { name: 'club', fingerprint: run.dataset.fingerprint },
      opset: 20,
      graphs: [
        {
          inputs: [{ name: 'history', type: 'int32', shape: ['batch', 12] }],
          outputs: [{ name: 'scores', type: 'float32', shape: ['batch', 68] }],
        },
      ],
      history: { length: 12, padding: -1 },
      config: { dim: 16 },
      protocol: { split: 'leave-last-out' },
    });
  });

  it('is whole or not there, and replaces nothing', async () => {
    mkdirSync(within('full'));
    writeFileSync(within('full', 'thesis.tex'), 'chapter');
    const full = await cli.run('export', 'sasrec', '--out', within('full'));
    expect(full).toMatchObject({ code: 1, stderr: expect.stringContaining('holds something (thesis.tex)') });
    expect(readdirSync(within('full'))).toEqual(['thesis.tex']);
    const file = await cli.run('export', 'sasrec', '--out', within('full', 'thesis.tex'));
    expect(file).toMatchObject({ code: 1, stderr: expect.stringContaining('is a file; name a folder') });
    const counted = await cli.run('export', 'popularity', '--out', within('counted'));
    expect(counted).toMatchObject({ code: 1, stderr: expect.stringContaining('cannot be written as ONNX') });
    expect(existsSync(within('counted'))).toBe(false);
    expect(readdirSync(cli.folder).filter((name) => name.endsWith('.partial'))).toEqual([]);
  });
});

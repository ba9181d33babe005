import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeSample } from '../../src/core/data/sample/sample.ts';
import { CommandLine, SMALL } from './command-line.ts';

const [first, other] = [new CommandLine(), new CommandLine()];
const TRAIN = ['train', '--dataset', 'cut', '--device', 'cpu', '--threads', '1'];

const TINY = [...SMALL, '--set', 'epochs=1', '--set', 'epochSteps=4'];

test('what a report says under Reproduction makes its rows again in an empty home, bit for bit', async () => {
  writeSample(first.folder, { users: 120, items: 60, seed: 1 });
  const file = join(first.folder, 'ratings.csv');
  await first.text(
    ...['datasets', 'import', file, '--name', 'cut', '--min-user', '3'],
    ...['--ties', 'shuffle', '--seed', '4', '--dedupe', 'first'],
  );
  await first.text(...TRAIN, '--model', 'popularity', '--set', 'split=time', '--name', 'most popular');
  await first.text(...TRAIN, '--model', 'sasrec', ...TINY, '--seed', '1-2');
  const rests = ['--set', 'content=run', '--set', 'vectorsFrom=sasrec-cut-seed2'];
  await first.text(...TRAIN, '--model', 'content-knn', ...rests, '--name', 'near');
  const lists = join(first.folder, 'lists.csv');
  const rows = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));
  const items = [...new Set(rows.map(([, item]) => item))].slice(0, 20);
  writeFileSync(
    lists,
    ['user,item,rank', ...items.map((item, at) => `${rows[0][0]},${item},${at + 1}`)].join('\n'),
  );
  await first.text(
    'results',
    'import',
    lists,
    '--dataset',
    'cut',
    '--program',
    'RecBole 1.2',
    '--model',
    'kNN',
    '--candidates',
    'all',
  );
  const runs = await first.json<{ id: string; name: string }[]>('runs', 'list');
  // What a row rests on comes along.
  const ids = runs.flatMap(({ id, name }) => (name === 'sasrec-cut-seed1' ? [] : [id])).toReversed();
  const report = await first.text('compare', ...ids, '--format', 'md', '--metrics', 'ndcg@10');

  const [, section = ''] = report.split('## Reproduction\n');
  const hash = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');
  const said = section.replaceAll('\\', '');
  expect(said).toContain(`- ratings.csv: SHA-256 ${hash(file)}`);
  expect(said).toMatch(
    /- Import: filters: at least 3 per user, repeats: first; tied timestamps: shuffled by seed 4; /,
  );
  expect(said).toMatch(/- Versions: Tessera \S+, Node [\d.]+, ONNX Runtime [\d.]+, TensorFlow\.js [\d.]+\n/);
  expect(said).toContain(
    `lists.csv, SHA-256 ${hash(lists)}; lists of 20 items by kNN of RecBole 1.2; split unknown`,
  );
  const commands = /```\n([\s\S]*?)\n```/.exec(section)?.[1].split('\n') ?? [];
  expect(commands.map((command) => command.split(' ').slice(0, 2).join(' '))).toEqual([
    ...['tessera datasets', 'tessera train', 'tessera train', 'tessera train', 'tessera compare'],
  ]);
  for (const command of commands.slice(0, -1)) {
    const words = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain);
    await other.text(...words.slice(1).map((word) => (word === 'ratings.csv' ? file : word)));
  }
  const metricsIn = async (home: CommandLine, name: string) =>
    (await home.json<{ metrics: object }>('runs', 'show', name)).metrics;
  for (const name of ['most popular', 'sasrec-cut-seed2', 'near'])
    expect(await metricsIn(other, name)).toEqual(await metricsIn(first, name));
});

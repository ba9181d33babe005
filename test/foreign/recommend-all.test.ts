/** What runs of ours recommend to all users, written to files and measured again as if another program had made them. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeSample } from '../../src/core/data/sample/sample.ts';
import type { UserRanks } from '../../src/core/evaluation/types.ts';
import { openStore } from '../../src/core/store/open-store.ts';
import type { ExternalRun, OwnRun } from '../../src/core/store/types.ts';
import { CommandLine, TRAIN } from '../cli/command-line.ts';

const cli = new CommandLine();
const train = (model: string, ...settings: string[]) =>
  cli.text(
    ...[...TRAIN, '--dataset', 'club', '--model', model, '--name', model],
    ...settings.flatMap((setting) => ['--set', setting]),
  );

beforeAll(async () => {
  const paths = writeSample(join(cli.home, 'sample'), { users: 60, items: 80 });
  await cli.text('datasets', 'import', ...paths, '--name', 'club');
  await train('popularity');
  await train('sasrec', 'epochs=2', 'dim=16');
  await train('residual-kmeans', 'levels=2', 'codes=16');
  await train(
    'tiger',
    'tokeniser=residual-kmeans',
    'epochs=2',
    'dim=16',
    'heads=2',
    'headDim=8',
    'ffnDim=32',
    'encoderBlocks=1',
    'decoderBlocks=1',
  );
}, 300_000);

function ranksOf(run: { id: string }): UserRanks {
  const store = openStore(cli.home);
  const ranks = store.ranks.read(run.id, 'test');
  store.close();
  if (!ranks) throw new Error('no ranks');
  return ranks;
}

/** Writes what the run recommends before the test items, and measures that file. */
async function again(run: string, ending: string, ...options: string[]) {
  const path = join(cli.home, `${run}${ending}`);
  const written = await cli.json('recommend', '--run', run, '--all', '--held-out', '--out', path, ...options);
  const external = (await cli.json('results', 'import', path, '--dataset', 'club')) as ExternalRun;
  const own = (await cli.json('runs', 'show', run)) as OwnRun;
  return { path, written, external, own };
}

describe('lists of all users', () => {
  it.each(['.csv', '.tsv', '.jsonl', '.parquet', '.trec'])(
    'have the ranks of the run within them, user by user, as %s',
    async (ending) => {
      const { external, own, written } = await again('sasrec', ending, '--k', '20');
      const [theirs, ours] = [ranksOf(external), ranksOf(own)];
      expect(written).toMatchObject({ users: ours.users.length, rows: 20 * ours.users.length });
      expect(theirs.users).toEqual(ours.users);
      expect([...theirs.ranks]).toEqual([...ours.ranks].map((rank) => Math.min(rank, 21)));
      expect(external.metrics['test/ndcg@10']).toBe(own.metrics['test/ndcg@10']);
      expect(external.protocolFingerprint === null).toBe(false);
    },
  );

  it.each(['popularity', 'sasrec'])('of every candidate of %s have all of its ranks', async (run) => {
    const { external, own } = await again(run, '.parquet', '--scores');
    expect([...ranksOf(external).ranks]).toEqual([...ranksOf(own).ranks]);
    for (const [name, value] of Object.entries(external.metrics)) expect(value, name).toBe(own.metrics[name]);
  });

  it('of a model that generates them are those that its test ranked, and have no scores of all items', async () => {
    const { external, own } = await again('tiger', '.csv');
    const [theirs, ours] = [ranksOf(external), ranksOf(own)];
    expect([...theirs.ranks].map((rank) => Math.min(rank, 11))).toEqual(
      [...ours.ranks].map((rank) => Math.min(rank, 11)),
    );
    const { code, stderr } = await cli.run(
      'recommend',
      '--run',
      'tiger',
      '--all',
      '--scores',
      '--out',
      '/tmp/x.csv',
    );
    expect([code, stderr]).toEqual([1, expect.stringContaining('TIGER makes lists and scores no catalogue')]);
  });

  it('for what comes next are those that one user is shown', async () => {
    const path = join(cli.home, 'next.csv');
    await cli.text('recommend', '--run', 'sasrec', '--all', '--out', path, '--k', '5');
    const rows = readFileSync(path, 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(','));
    const [user] = rows[100];
    const { recommendations } = (await cli.json(
      'recommend',
      '--run',
      'sasrec',
      '--user',
      user,
      '--k',
      '5',
    )) as {
      recommendations: { item: string; score: number }[];
    };
    const own = rows.filter(([of]) => of === user);
    expect(own.map(([, item]) => item)).toEqual(recommendations.map(({ item }) => item));
    for (const [at, { score }] of recommendations.entries()) expect(Number(own[at][2])).toBeCloseTo(score, 5);
  });

  it('are refused in one line before a model is opened, and leave nothing half-written', async () => {
    const before = readdirSync(cli.home).toSorted();
    const kept = join(cli.home, 'kept.csv');
    writeFileSync(kept, 'mine');
    const refused = async (...args: string[]) =>
      (await cli.run('recommend', '--run', 'sasrec', ...args)).stderr;
    expect(await refused('--all')).toContain('--out FILE');
    expect(await refused('--all', '--out', 'lists.txt')).toContain('the ending says the format');
    expect(await refused('--all', '--out', '/nowhere/lists.csv')).toContain('there is no folder /nowhere');
    expect(await refused('--all', '--out', kept, '--user', '1')).toContain('--user is for one user');
    expect(await refused('--out', kept, '--user', '1')).toContain('add --all');
    expect(await refused()).toContain('--user');
    expect(readFileSync(kept, 'utf8')).toBe('mine');
    expect(readdirSync(cli.home).filter((name) => !before.includes(name))).toEqual(['kept.csv']);
    expect(existsSync('lists.txt')).toBe(false);
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importDataset } from '../../data/import/import.ts';
import { importRequestSchema } from '../../data/import/request.ts';
import { openInteractions } from '../../data/read.ts';
import { countItems } from '../../data/splits/item-counts.ts';
import { leaveLastOut } from '../../data/splits/leave-last-out.ts';
import { comparisonKey } from '../../evaluation/protocol.ts';
import { resolveConfig } from '../../families/registry.ts';
import { runTraining } from '../../families/trainer.ts';
import type { RunResult } from '../events.ts';
import { evaluationSet, userRanks } from './evaluation-set.ts';
import { negativesOf } from './rank-among.ts';

/** Oldest first. Of users a and b the last item is one of the history, of a further back than two interactions. */
const SEQUENCES: Record<string, string[]> = {
  a: ['1', '2', '3', '1'],
  b: ['1', '2', '3', '3'],
  c: ['2', '1', '3', '4'],
  d: ['1', '2'],
};

const home = mkdtempSync(join(tmpdir(), 'tessera-protocol-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));
let datasetDir = '';

beforeAll(async () => {
  const rows = Object.entries(SEQUENCES).flatMap(([user, items]) =>
    items.map((item, time) => `${user},${item},5,${1_000_000_000 + time}`),
  );
  writeFileSync(join(home, 'ratings.csv'), `userId,movieId,rating,timestamp\n${rows.join('\n')}\n`);
  const movies = ['1', '2', '3', '4', '5', '6'].map((id) => `${id},Film ${id},Drama`);
  writeFileSync(join(home, 'movies.csv'), `movieId,title,genres\n${movies.join('\n')}\n`);
  const request = importRequestSchema.parse({ paths: [home], ties: 'shuffle', seed: 4 });
  const { id } = await importDataset({ ...request, name: 'films' }, { home });
  datasetDir = join(home, 'datasets', id);
});

function popularity(overrides: Record<string, unknown>, seed = 1): Promise<RunResult> {
  const config = resolveConfig('popularity', { overrides });
  const run = {
    runId: 'r',
    model: 'popularity',
    seed,
    device: 'cpu',
    threads: 1,
    resumeFrom: null,
  } as const;
  return runTraining({ ...run, config, datasetDir, runDir: join(home, 'run') }, () => {});
}

function testRanks({ ranks }: RunResult): number[] {
  return [...(ranks.find(({ split }) => split === 'test')?.ranks ?? [])];
}

it('tests some users only, the same whatever the seed, and says so', async () => {
  const [all, some, fewest, others] = await Promise.all(
    [{}, { testUsers: 2 }, { testUsers: 1 }, { testUsers: 9 }].map(popularity),
  );
  const rankOf = ({ ranks }: RunResult) => {
    const test = ranks.find(({ split }) => split === 'test');
    return new Map([...(test?.users ?? [])].map((user, row) => [user, test?.ranks[row]]));
  };
  const [whole, part, one] = [all, some, fewest].map(rankOf);
  expect(part.size).toBe(2);
  for (const [user, rank] of part) expect(rank).toBe(whole.get(user));
  for (const user of one.keys()) expect(part.has(user)).toBe(true);
  expect(some.protocol).toEqual({ ...all.protocol, samples: [`test: 2 of ${whole.size} users`] });
  expect(comparisonKey(some.protocol)).toBe(comparisonKey(all.protocol));
  const again = await popularity({ testUsers: 2 }, 7);
  expect(rankOf(again)).toEqual(part);
  expect(some.ranks.find(({ split }) => split === 'valid')).toEqual(
    all.ranks.find(({ split }) => split === 'valid'),
  );
  expect(others.protocol).toEqual(all.protocol);
});

it('refuses ranks that are none before any metric is made of them', async () => {
  const data = await openInteractions(datasetDir);
  const set = evaluationSet(leaveLastOut(data), 'test');
  const record = (first: number) => () =>
    userRanks(data, set, Int32Array.of(first, ...set.users.subarray(1).fill(1)), 0, new Int32Array(0));
  expect(record(1)).not.toThrow();
  for (const rank of [0, Number.NaN, -3]) expect(record(rank)).toThrow(/has the rank -?\d, .*has diverged/);
});

describe('the protocol of a run', () => {
  it('of the papers ranks the whole catalogue, without the history and a target in it', async () => {
    const result = await popularity({ protocol: 'paper', historyWindow: 2 });
    // Counts without the last items: 1 → 4, 2 → 3, 3 → 3, the others 0. a: 1 is not among the last two items, and
    // comes first. b: 3 is, so it is ranked nowhere. c: 1 and 3 are left out; 2 and the ties 5, 6 come before 4.
    // d: 1 is left out; 3 has as many interactions as 2.
    expect(testRanks(result)).toEqual([1, 2501, 4, 2]);
    expect(result.ranks.map(({ split, candidates }) => [split, candidates])).toEqual([['test', 6]]);
    expect(result.protocol).toMatchObject({
      split: 'leave-last-out-without-validation',
      ties: 'shuffle(4)',
      candidates: 'catalogue',
      catalogueItems: 6,
      historyFilter: 'window',
      historyWindow: 2,
      rankLimit: 2500,
      selection: 'test',
      testHistory: 'all-before-target',
    });
    expect(result.protocol).not.toHaveProperty('targetTime');
  });

  it('holds a validation item out by default and ranks what has interactions', async () => {
    const result = await popularity({});
    // Counts without the last two items: 1 → 4, 2 → 4. Users with two interactions are not tested.
    // a: 2 and 3 are left out, only 4 comes behind. b: 3 against 4 alone, a tie. c: 1, 2, 3 are left out.
    expect(testRanks(result)).toEqual([1, 2, 1]);
    expect(result.ranks.map(({ split }) => split)).toEqual(['valid', 'test']);
    expect(result.protocol).toEqual({
      version: 2,
      dataset: result.protocol.dataset,
      split: 'leave-last-out',
      target: 'test',
      ties: 'shuffle(4)',
      candidates: 'interacted-items',
      historyFilter: 'all',
      rankTies: 'pessimistic',
      cutoffs: [5, 10, 20, 50, 100, 200],
      selection: 'validation',
      testHistory: 'with-validation-item',
    });
  });

  it('by time holds out what comes after two moments that are the same for all', async () => {
    // Cuts at the third and at the fourth interaction of a, b and c: the same targets and training as above.
    const result = await popularity({ split: 'time', validShare: 0.3 });
    expect(testRanks(result)).toEqual([1, 2, 1]);
    expect(result.protocol).toMatchObject({
      ...{ split: 'time', validShare: 0.3, testShare: 0.1, times: expect.stringMatching(/^[0-9a-f]{12}$/) },
      testHistory: 'all-before-target',
    });
    // Items 3 and 4 are new after the first cut, and the targets of b and c.
    expect(result.metrics).toMatchObject({ 'test/cold-users': 2 });
    const both = await popularity({ split: 'time', protocol: 'paper', testShare: 0.1 });
    expect(both.protocol).toMatchObject({ split: 'time-without-validation', testShare: 0.1 });
    expect(both.protocol).not.toHaveProperty('validShare');
  });

  it('by time finds the first, all in one list, or one after the other of what a user has after the cut', async () => {
    // Training sees the first interaction of each, validation the second; a has 3, 1 to find, b 3, 3 and c 3, 4.
    const shares = { split: 'time', validShare: 0.3, testShare: 0.4 };
    const [first, all, successive] = await Promise.all(
      ['first', 'all', 'successive'].map((targets) => popularity({ ...shares, targets })),
    );
    expect(testRanks(first)).toEqual([2, 2, 2]);
    // Of a the targets are candidates though 1 is in the history; 3 and 4 of c are tied; b has 3 once.
    expect(testRanks(all)).toEqual([3, 1, 2, 2, 2]);
    // What was found before is in the history, and no candidate.
    expect(testRanks(successive)).toEqual([2, 1, 2, 2, 2, 1]);
    expect([first, all, successive].map(({ protocol }) => 'targets' in protocol && protocol.targets)).toEqual(
      [false, 'all', 'successive'],
    );
    expect(all.metrics).toMatchObject({
      'test/r-precision': (1 / 2 + 0 + 1) / 3,
      'test/mean-rank': (2 + 2 + 2) / 3,
      'test/mrr': (1 + 1 / 2 + 1 / 2) / 3,
      'test/recall@5': 1,
      'test/cold-users': 3,
    });
    expect(all.metrics['test/map@5']).toBeCloseTo(((1 + 2 / 3) / 2 + 1 / 2 + (1 / 2 + 1) / 2) / 3, 12);
    expect(successive.metrics['test/mean-rank']).toBeCloseTo((1.5 + 2 + 1.5) / 3, 12);
    expect(successive.metrics).not.toHaveProperty('test/recall@5');
    // One list a user, with the first of its rows.
    const [{ topK, topItems }] = all.ranks.filter(({ split }) => split === 'test');
    const lists = Array.from({ length: 5 }, (_, row) => topItems[row * topK] >= 0);
    expect(lists).toEqual([true, false, true, true, false]);
    await expect(async () => popularity({ targets: 'all' })).rejects.toThrow(
      /set split=time, or targets=first/,
    );
  });

  it('by time needs users on both sides of a cut, and items that no other rule hides', async () => {
    await expect(popularity({ split: 'time' })).rejects.toThrow(/no user with interactions on both sides/);
    await expect(async () => popularity({ split: 'time', coldItems: 0.1 })).rejects.toThrow(
      /set coldItems=0/,
    );
  });
});

it('says that it is the hidden items of which too few interactions are left', async () => {
  await expect(async () => popularity({ coldItems: 0.99 })).rejects.toThrow(
    'data set "films", without the items that coldItems=0.99 hides, has no user with 3 or more interactions; nothing could be tested',
  );
});

it('ranks the target among drawn negatives alone where an evaluation asks it, under a protocol of its own', async () => {
  const whole = await popularity({});
  const config = resolveConfig('popularity', { overrides: { historyFilter: 'none', rankLimit: 4 } });
  const among = { count: 2, by: 'uniform', seed: 1 } as const;
  const path = join(home, 'run', 'checkpoints', 'last-1.safetensors');
  const run = {
    runId: 'r',
    model: 'popularity',
    seed: 1,
    device: 'cpu',
    threads: 1,
    resumeFrom: null,
  } as const;
  const evaluate = { path, kind: 'last', epoch: 1, splits: ['test'], among } as const;
  const spec = { ...run, config, datasetDir, runDir: join(home, 'sampled') };
  const sampled = await runTraining({ ...spec, evaluate }, () => {});
  const data = await openInteractions(datasetDir);
  const split = leaveLastOut(data);
  const trained = countItems(data, split.trainEnds());
  const draw = negativesOf({ data, trainEnd: split.trainEnds() }, among);
  const { users, targets } = evaluationSet(split, 'test');
  const ranks = Array.from(users, (user, at) => {
    const negatives = [...draw(user)];
    const own = data.itemIds.subarray(data.offsets[user], data.offsets[user + 1]);
    expect(negatives.filter((item) => own.includes(item))).toEqual([]);
    return 1 + negatives.filter((item) => trained[item] >= trained[targets[at]]).length;
  });
  expect(testRanks(sampled)).toEqual(ranks);
  expect(sampled.protocol).toMatchObject({
    candidates: 'sampled',
    sampledItems: 3,
    sampledBy: 'uniform',
    sampledSeed: 1,
  });
  expect(sampled.protocol).toMatchObject({ historyFilter: 'all', rankLimit: undefined });
  expect(comparisonKey(sampled.protocol)).not.toBe(comparisonKey(whole.protocol));
  expect(sampled.metrics['test/hr@5']).toBe(1);
  expect(Object.keys(sampled.metrics).filter((name) => /novelty|coverage/.test(name))).toEqual([]);
  const several = {
    ...spec,
    config: { ...config, split: 'time', validShare: 0.3, targets: 'all' },
    evaluate,
  };
  await expect(runTraining(several, () => {})).rejects.toThrow('one target per user');
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { byHand } from '../../bench/plan/by-hand.ts';
import { writeCounted } from '../../bench/plan/data.ts';
import { compareDigests, type Digest } from '../../bench/plan/digest.ts';
import { planText, SIZES } from '../../bench/plan/plans.ts';
import { identityOf, killTree } from '../../bench/plan/process-tree.ts';
import { blocksOf } from '../../src/core/plans/expand-plan.ts';
import { readPlan } from '../../src/core/plans/read-plan.ts';

it('invents data with exactly the counts that are asked for', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tessera-counted-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const counts = { users: 90, items: 70, interactions: 700 };
  const [ratings] = writeCounted(folder, counts);
  const rows = readFileSync(ratings, 'utf8')
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));
  expect(rows).toHaveLength(counts.interactions);
  const [users, items] = [0, 1].map((column) => Map.groupBy(rows, (row) => row[column]));
  expect([users.size, items.size]).toEqual([counts.users, counts.items]);
  expect(Math.min(...[...users.values()].map(({ length }) => length))).toBeGreaterThanOrEqual(5);
});

it('writes a plan of eight models on two splits, one tuned and one with a tokeniser', () => {
  const files = ['ratings.csv', 'items.csv'];
  const text = planText({ name: 'toys', files, seeds: '1', size: SIZES.tiny, lists: 'lists.csv' });
  const { plan } = readPlan(text, 'paper.yaml');
  const blocks = blocksOf(plan);
  expect(blocks.map(({ rows }) => rows.length)).toEqual([8, 8]);
  expect(blocks[0].rows.filter(({ tuned }) => tuned).map(({ model }) => model)).toEqual(['sasrec']);
  expect(blocks[0].rows.flatMap(({ sources }) => sources.map(({ model }) => model))).toEqual(['rq-vae']);
  // By hand: on each split a command a model, the best of the sweep again, and a tokeniser; two imports, and a comparison.
  const { commands, ...counts } = byHand({ ...plan, seeds: [1, 2, 3] });
  expect(commands).toHaveLength(2 * 10 + 3);
  expect(counts).toEqual({ runs: 40, names: 42, tests: 30 });
});

it('names every digit, rank and table that differs, and every run that is there once more', () => {
  const run = (value: number, ranks: string) => ({
    ...{ name: 'a', metrics: { 'test/ndcg@10': value }, ranks: { test: ranks } },
  });
  const whole: Digest = { runs: { one: [run(0.5, 'x')] }, tables: { 'tables.csv': 'y' } };
  expect(compareDigests(whole, structuredClone(whole))).toEqual({
    ...{ runs: 1, metrics: 1, rankSets: 1, tables: 1, differences: [] },
  });
  const other = {
    runs: { one: [run(0.5 + 2 ** -53, 'z'), run(0.5, 'x')], two: [run(1, 'x')] },
    tables: { 'tables.csv': 'w' },
  };
  expect(compareDigests(whole, other).differences.map((line) => line.split(':')[0])).toEqual([
    'runs of a',
    'test/ndcg@10 of a',
    'ranks (test) of a',
    'runs of a',
    'tables.csv',
  ]);
});

it.skipIf(process.platform !== 'linux')(
  'kills a command with all that it has started, in other groups, too',
  async () => {
    const child = `require('child_process').spawn('sleep', ['60'], { detached: true }).pid`;
    const parent = spawn(process.execPath, ['-e', `console.log(${child}); setInterval(() => {}, 1000)`]);
    const [text] = await once(parent.stdout, 'data');
    const pid = Number(text);
    expect(identityOf(pid)).not.toBeNull();
    killTree(parent.pid as number);
    await once(parent, 'exit');
    await expect.poll(() => isAlive(pid)).toBe(false);
  },
);

/** One that has ended and was not waited for is no more. */
function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

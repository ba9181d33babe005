import { expect, it } from 'vitest';
import { likelyCauses } from './causes.ts';
import type { RecipeRun } from './recipe.ts';
import { statementsOf } from './statements.ts';

const run = (name: string, before: number | null, after: number | null) => ({
  ...{ name, metric: 'test/ndcg@10', before, after },
});

it('tests again what neighbours of a table said of each other', () => {
  const runs = [run('c', 0.1, 0.2), run('a', 0.3, 0.25), run('b', 0.2, 0.1), run('open', 0.4, null)];
  const asked: number[][] = [];
  const p = new Map([
    ['1 2', 0.001],
    ['2 0', 0.01],
  ]);
  const test = (one: number, other: number) => {
    asked.push([one, other]);
    return p.get(`${one} ${other}`) ?? null;
  };
  const said = statementsOf(runs, test);
  expect(said.map(({ above, below, state }) => [above, below, state])).toEqual([
    ['a', 'b', 'holds'],
    ['b', 'c', 'fails'],
  ]);
  expect(said[1].before).toBeCloseTo(0.1, 12);
  expect(said[1].after).toBeCloseTo(-0.1, 12);
  expect(asked).toEqual([
    [1, 2],
    [2, 0],
  ]);
  // A direction that no test confirms is neither way, and less may be more.
  const lower = statementsOf(
    runs.map((one) => ({ ...one, metric: 'test/mean-rank' })),
    () => 0.3,
  );
  expect(lower.map(({ above, below, state }) => [above, below, state])).toEqual([
    ['c', 'b', 'open'],
    ['b', 'a', 'open'],
  ]);
  expect(statementsOf([run('a', 1, 1), run('b', 1, 0)], () => 0.001)).toEqual([]);
});

const recipe = (changes: Partial<RecipeRun> = {}): RecipeRun => ({
  ...{
    id: 'r',
    name: 'r',
    model: 'sasrec',
    config: { dropout: 0.2, dim: 8 },
    seed: 1,
    dataset: 'a'.repeat(64),
  },
  ...{ device: 'cpu', threads: 2, versions: ['1'], processors: [{ model: 'X', instructions: 'avx2' }] },
  ...{
    environment: { node: 'v24', platform: 'linux 6 x64', onnxruntime: '1.30.0', tfjs: '4.22.0' },
    plugins: [],
    endedAt: 0,
    seconds: 1,
  },
  ...{ selectedEpoch: 3, metrics: {}, ranks: {} },
  ...changes,
});

it('names what changes numbers for sure first, and what is ruled out last', () => {
  const now = recipe({ config: { dropout: 0, dim: 8, added: 1 }, threads: 4, versions: ['2'] });
  const causes = likelyCauses(recipe(), now);
  expect(causes[0]).toMatchObject({ what: 'Dropout', earlier: '0.2', now: '0', mark: 'cannot' });
  const may = causes.filter(({ mark }) => mark === 'may').map(({ what }) => what);
  expect(may).toEqual(['Tessera', 'Threads']);
  const marks = causes.map(({ mark }) => mark);
  expect(marks.indexOf('same')).toBe(marks.lastIndexOf('about') + 1);
  expect(marks.slice(marks.indexOf('same')).every((mark) => mark === 'same')).toBe(true);
  expect(likelyCauses(recipe(), recipe()).every(({ mark }) => mark === 'same')).toBe(true);
});

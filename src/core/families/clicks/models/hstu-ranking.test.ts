import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ClickData, type ClickTable, TRAIN, UserSequences, VALID } from '../../../data/clicks/index.ts';
import { type DeviceContext, openDevice } from '../../../engine/index.ts';
import { Random } from '../../../math/random.ts';
import { StepRunner } from '../../../training/step-runner.ts';
import { resolveConfig } from '../../registry.ts';
import { CandidateScorer } from '../candidate-scorer.ts';
import type { ClickConfig } from '../click-config.ts';
import type { ClickSizes } from '../click-model.ts';
import { clickStep } from '../click-step.ts';
import { clickFeatures } from '../rows.ts';
import { readsSequences, SequenceRows, UserBatches } from '../user-batches.ts';
import { hstuRanking } from './hstu-ranking.ts';

const ITEMS = 12;
const DAY = 86_400;

/** Three in four clicks repeat what the user did with the item before; the like says whether the item is an even one. */
function interactions(users: number, each: (user: number) => number, groupSize = 1): ClickTable {
  const random = new Random(4, 0);
  const columns = { user: [] as number[], item: [] as number[], time: [] as number[] };
  const labels: [number[], number[]] = [[], []];
  for (let user = 0; user < users; user++) {
    let clicked = random.below(2);
    for (let at = 0; at < each(user); at++) {
      const item = random.below(ITEMS);
      if (random.below(4) === 0) clicked = 1 - clicked;
      columns.user.push(user);
      columns.item.push(item);
      columns.time.push(at * DAY + random.below(1000));
      labels[0].push(clicked);
      labels[1].push(item % 2 === 0 ? 1 : 0);
    }
  }
  const ids = { users: Int32Array.from(columns.user), items: Int32Array.from(columns.item) };
  const single = (name: string, of: 'user' | 'item' | 'other', vocabulary: number, codes: Int32Array) => ({
    name,
    of,
    vocabulary,
    width: 1,
    read: (row: number, target: Int32Array, at: number) => {
      target[at] = codes[row] + 1;
      return 1;
    },
  });
  const follows = (owner: 'user' | 'item') => ({ follows: owner });
  const parity = ids.items.map((item) => item % 3);
  return {
    rows: ids.users.length,
    tasks: ['click', 'like'],
    labels: labels.map((own) => Uint8Array.from(own)),
    times: Float64Array.from(columns.time),
    ...ids,
    itemCount: ITEMS,
    groupSize,
    dense: [{ name: 'hour', value: (row) => columns.time[row] % 24 }],
    features: [
      { ...single('user', 'user', users + 1, ids.users), ...follows('user') },
      { ...single('item', 'item', ITEMS + 1, ids.items), ...follows('item') },
      { ...single('group', 'other', 4, parity), ...follows('item') },
    ],
  };
}

function dataOf(table: ClickTable, held: (row: number) => boolean = () => false): ClickData {
  const parts = Uint8Array.from({ length: table.rows }, (_, row) => (held(row) ? VALID : TRAIN));
  const known = parts.map((part, row) => (part === TRAIN && row % table.groupSize === 0 ? 1 : 0));
  const split = { kind: 'random', valid: 0.1, test: 0.1, seed: 1, hiddenItems: 0 } as const;
  return { table, parts, known, labels: 'actions', split, hashes: {} };
}

let device: DeviceContext;
beforeAll(async () => {
  device = (await openDevice('cpu', { threads: 1 })).context;
});
afterAll(() => device.dispose());

async function open(data: ClickData, overrides: Record<string, unknown> = {}) {
  const small = { dim: 16, dqk: 8, dv: 8, blocks: 2, heads: 2, batchSize: 16, learningRate: 5e-3 };
  const config = resolveConfig('hstu-ranking', {
    overrides: { ...small, ...overrides },
  }) as unknown as ClickConfig;
  const rows = Int32Array.from({ length: data.table.rows }, (_, row) => row);
  const sizes: ClickSizes = {
    dense: ['hour'],
    features: clickFeatures(data.table, rows),
    tasks: data.table.tasks,
    sequences: { times: true, candidates: data.table.groupSize > 1 },
  };
  const model = hstuRanking.build(config as unknown as Record<string, unknown>, sizes);
  if (!readsSequences(model)) throw new Error('reads no sequences');
  const runner = new StepRunner(clickStep(model, sizes), config, device, 1);
  await runner.initialise();
  const batches = new UserBatches(model, sizes, data, config, 1);
  const { hostTables } = runner;
  const scorer = new CandidateScorer(model, sizes, data, { config, device, hostTables });
  /** Log-odds of rows, [rows][tasks]. */
  const predict = async (asked: ArrayLike<number>) => {
    const result: number[][] = [];
    for await (const { requested, logits } of scorer.predictions(Int32Array.from(asked))) {
      requested.forEach((row, at) => {
        expect(result[row]).toBeUndefined();
        result[row] = [...logits.subarray(2 * at, 2 * at + 2)];
      });
    }
    return result;
  };
  const encoder = new SequenceRows(model, sizes, data, config);
  /** The same of a row behind the rows that it sees, in a pass of its own. */
  const predictAlone = async (row: number) => {
    const [{ history, positions }] = new UserSequences(data, model.sequences.history).predicting(
      Int32Array.of(row),
    );
    expect([...positions]).toEqual([history.length]);
    const rows = Int32Array.of(...history, row);
    const own = { user: 0, rows, interactions: new Uint8Array(rows.length).fill(1), requested: rows };
    const sequence = { ...own, positions: Int32Array.from(rows.keys()) };
    const batch = encoder.encode([sequence], { rows: 1, length: rows.length }, 0);
    return [...(await runner.predict(batch)).subarray(2 * history.length)];
  };
  const train = async (steps: number) => {
    const losses: number[] = [];
    for (let step = 1; step <= steps; step++) {
      const [epoch, index] = [
        Math.floor((step - 1) / batches.stepsPerEpoch),
        (step - 1) % batches.stepsPerEpoch,
      ];
      losses.push(await runner.step(step, config.learningRate, batches.step(epoch, index)));
    }
    return losses;
  };
  return { runner, batches, predict, predictAlone, train };
}

function expectClose(actual: number[][], expected: number[][]): void {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((row, at) => {
    row.forEach((value, task) => {
      expect(Math.abs(value - expected[at][task])).toBeLessThan(1e-5);
    });
  });
}

describe('HSTU over whole sequences of users', () => {
  it('scores a row in the middle of its sequence as it scores it alone behind its history', async () => {
    const length = 30;
    const data = dataOf(interactions(1, () => length));
    const { runner, batches, predict, train } = await open(data, { historyLength: length });
    await train(3);
    const [batch] = batches.step(0, 0);
    const values = await runner.predict(batch);
    const whole = Array.from({ length }, (_, row) => [...values.subarray(2 * row, 2 * row + 2)]);
    const some = [0, 1, 8, length - 1];
    const alone: number[][] = [];
    for (const row of some) alone.push((await predict([row]))[0]);
    expectClose(
      alone,
      some.map((row) => whole[row]),
    );
    expectClose(await predict(Array.from({ length }, (_, row) => row)), whole);
    // They do differ from row to row.
    expect(new Set(whole.map(([click]) => click.toFixed(4))).size).toBeGreaterThan(20);
  });

  it('predicts candidates together as it does one by one, short and long histories, whatever is padded', async () => {
    // A third of the rows is held out; histories are longer and shorter than the window.
    const data = dataOf(
      interactions(3, (user) => 3 + 12 * user),
      (row) => row % 3 === 2,
    );
    const { predict, train } = await open(data, { historyLength: 6 });
    await train(3);
    const held = Int32Array.from({ length: data.table.rows }, (_, row) => row).filter((row) => row % 3 === 2);
    const alone: number[][] = [];
    for (const row of held) alone.push((await predict([row]))[0]);
    expectClose(await predict(held), alone);
  });

  it.each([
    { context: 'all', historyLength: 9 },
    { context: 'none', groupNorm: false, timeBias: false, historyLength: 30 },
    { context: 'all', positionBias: false, head: 4, tableDim: 8, blocks: 3, historyLength: 1 },
  ])('scores candidates of a history that it has read once as in a pass of each: %o', async (settings) => {
    // Two users have no history, one has one interaction; more candidates than are scored at once.
    const table = interactions(6, (user) => [1, 1, 2, 40, 25, 700][user]);
    const held = (row: number) => row < 2 || row === 3 || (row > 7 && row % 2 === 0);
    const data = dataOf(table, held);
    const { predict, predictAlone, train } = await open(data, settings);
    await train(3);
    const rows = Array.from({ length: table.rows }, (_, row) => row).filter(held);
    const together = await predict(rows);
    const some = rows.filter((row, at) => at < 30 || row % 23 === 0);
    const alone: number[][] = [];
    for (const row of some) alone.push(await predictAlone(row));
    const largest = Math.max(...alone.flat().map(Math.abs));
    expect(largest).toBeGreaterThan(1e-3);
    for (const [at, row] of some.entries()) {
      for (const task of [0, 1]) {
        const difference = Math.abs(together[rows.indexOf(row)][task] - alone[at][task]);
        expect(difference).toBeLessThan(1e-5 * largest);
      }
    }
    expect(await predict([])).toEqual([]);
  });

  it('scores many candidates of one moment as it scores each', async () => {
    // Groups of 300 rows at one time: a click, and 299 that stand against it.
    const size = 300;
    const table = { ...interactions(2, () => 4 * size), groupSize: size };
    const times = (table.times as Float64Array).map((_, row) => Math.floor(row / size) * DAY);
    const data = dataOf({ ...table, times }, (row) => Math.floor(row / size) % 4 === 3);
    const { predict, predictAlone } = await open(data, { historyLength: 8 });
    const rows = Array.from({ length: size }, (_, at) => 3 * size + at);
    const [together, whole] = [await predict(rows), await predict([...rows, 7 * size])];
    expectClose(whole.slice(0, size), together);
    const some = [0, 1, 255, 256, size - 1];
    const alone: number[][] = [];
    for (const at of some) alone.push(await predictAlone(rows[at]));
    expectClose(
      some.map((at) => together[at]),
      alone,
    );
    expect(new Set(together.map(([click]) => click.toFixed(5))).size).toBeGreaterThan(8);
  });

  it('never sees the action that it predicts, and sees those before it', async () => {
    const length = 8;
    const table = interactions(1, () => length);
    const other = {
      ...table,
      labels: table.labels.map((own) => own.map((label, row) => (row === 4 ? 1 - label : label))),
    };
    const logits = async (own: ClickTable) => {
      const { runner, batches } = await open(dataOf(own), { historyLength: length });
      const values = await runner.predict(batches.step(0, 0)[0]);
      return Array.from({ length }, (_, row) => values[2 * row]);
    };
    const [one, changed] = [await logits(table), await logits(other)];
    expect(changed.slice(0, 5)).toEqual(one.slice(0, 5));
    for (let row = 5; row < length; row++) expect(changed[row]).not.toBeCloseTo(one[row], 5);
  });

  it('learns several actions at once from past items and actions', async () => {
    const data = dataOf(interactions(200, () => 12));
    const { predict, train } = await open(data, { historyLength: 11, context: 'none', blocks: 1 });
    const losses = await train(120);
    expect(losses[0]).toBeGreaterThan(0.65);
    expect(Math.max(...losses.slice(-10))).toBeLessThan(0.42);
    const rows = Array.from({ length: 11 }, (_, at) => at + 1);
    const logits = await predict(rows);
    logits.forEach(([click, like], at) => {
      const { labels, items } = data.table;
      expect(Math.sign(like)).toBe((items as Int32Array)[rows[at]] % 2 === 0 ? 1 : -1);
      expect(Math.sign(click)).toBe(labels[0][rows[at] - 1] === 1 ? 1 : -1);
    });
  });

  it('trains on every row once, sampled negatives as candidates, and says what it needs', async () => {
    const table = { ...interactions(6, (user) => 3 * (5 + 7 * user), 3), groupSize: 3 };
    const data = dataOf(table, (row) => row % 7 === 0);
    const times = new Int32Array(table.rows);
    const trainable = data.parts.filter((part) => part === TRAIN).length;
    for (const { rows, requested, interactions: known, positions } of new UserSequences(data, 8).training()) {
      rows.forEach((row, at) => {
        if (requested[at] >= 0) times[row]++;
        expect(known[at]).toBe(row % 3 === 0 ? 1 : 0);
        expect(positions[at]).toBe(known.subarray(0, at).reduce((sum, one) => sum + one, 0));
      });
      expect(Math.max(...positions)).toBeLessThanOrEqual(8);
    }
    expect(times.filter((count) => count === 1)).toHaveLength(trainable);
    expect(times.filter((count) => count > 1)).toHaveLength(0);
    const { train, predict } = await open(data, { historyLength: 8 });
    expect((await train(4)).every(Number.isFinite)).toBe(true);
    expectClose(await predict([5, 40]), [(await predict([5]))[0], (await predict([40]))[0]]);
    const sizes = { dense: [], features: [], tasks: ['click'] };
    expect(() => hstuRanking.build(resolveConfig('hstu-ranking'), sizes)).toThrow(
      'the rows need a user and an item',
    );
  });
});

import { expect, it } from 'vitest';
import { openDevice } from '../../engine/index.ts';
import type { RankingFeature, RankingSizes } from '../../models/ranking.ts';
import { findModel, resolveConfig } from '../../models/registry.ts';
import { Random } from '../../random.ts';
import { StepRunner } from '../step-runner.ts';
import { encodeRows, type RankingRows, rankingStep } from './step.ts';

const [ROWS, WIDTH, ITEMS] = [64, 4, 12];

function feature(name: string, of: RankingFeature['of'], vocabulary: number, width: number): RankingFeature {
  return { name, of, vocabulary, width, counts: new Int32Array(vocabulary).fill(1) };
}

const sizes: RankingSizes = {
  dense: [],
  features: [
    feature('user', 'user', 3, 1),
    feature('item', 'item', ITEMS, 1),
    feature('history', 'item', ITEMS, WIDTH),
    feature('history-labels', 'other', 3, WIDTH),
  ],
  tasks: ['click', 'like'],
};

interface Example {
  user: number;
  item: number;
  history: number[];
  actions: number[];
}

/** The click repeats what the user did with the last item; the like says whether the candidate is an even one. */
function rows(examples: Example[]): RankingRows {
  const bags = (lists: number[][]) => ({
    ids: Int32Array.from(lists.flat()),
    offsets: Int32Array.from([0, ...lists.map((_, i) => lists.slice(0, i + 1).flat().length)]),
  });
  return {
    count: examples.length,
    dense: new Float32Array(0),
    features: [
      bags(examples.map(({ user }) => [user])),
      bags(examples.map(({ item }) => [item])),
      bags(examples.map(({ history }) => history)),
      bags(examples.map(({ actions }) => actions)),
    ],
    labels: Float32Array.from(
      examples.flatMap(({ item, actions }) => [(actions.at(-1) ?? 1) - 1, item % 2 === 0 ? 1 : 0]),
    ),
    weights: new Float32Array(examples.length).fill(1 / examples.length),
    users: new Int32Array(examples.length).fill(-1),
  };
}

function draw(random: Random): Example {
  const length = random.below(WIDTH + 1);
  const history = Array.from({ length }, () => 1 + random.below(ITEMS - 1));
  const actions = history.map(() => 1 + random.below(2));
  return { user: 1 + random.below(2), item: 1 + random.below(ITEMS - 1), history, actions };
}

async function trained(steps: number) {
  const definition = findModel('hstu-ranking');
  if (definition.kind !== 'ranking') throw new Error('not a ranking model');
  const config = resolveConfig('hstu-ranking', { preset: 'small', overrides: { dim: 16, dqk: 8, dv: 8 } });
  const model = definition.build(config, sizes);
  const { context } = await openDevice('cpu', { threads: 1 });
  const optimiser = { optimiser: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;
  const runner = new StepRunner(
    rankingStep(model, sizes),
    { ...optimiser, weightDecay: 0, clipNorm: 0 },
    context,
    1,
  );
  await runner.initialise();
  const losses: number[] = [];
  for (let step = 1; step <= steps; step++) {
    const random = new Random(4, step);
    const batch = rows(Array.from({ length: ROWS }, () => draw(random)));
    losses.push(await runner.step(step, 5e-3, [encodeRows(model, sizes, batch, ROWS)]));
  }
  const predict = async (examples: Example[]) => {
    const logits = await runner.predict(encodeRows(model, sizes, rows(examples), ROWS));
    return examples.map((_, row) => [...logits.subarray(2 * row, 2 * row + 2)]);
  };
  return { losses, predict, dispose: () => context.dispose() };
}

it('predicts several actions from past items and actions, whatever is padded', async () => {
  const { losses, predict, dispose } = await trained(250);
  try {
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean(losses.slice(-20))).toBeLessThan(0.35);
    expect(mean(losses.slice(0, 5))).toBeGreaterThan(0.6);
    const one = { user: 1, item: 5, history: [3, 7], actions: [1, 2] };
    const other = { ...one, actions: [2, 1] };
    const [[clicked, liked], [passed]] = await predict([one, other]);
    expect(clicked).toBeGreaterThan(1);
    expect(passed).toBeLessThan(-1);
    expect(liked).toBeLessThan(-1);
    // A row's prediction depends on no other row, and not on its place among them.
    const [, alone] = await predict([{ ...one, history: [], actions: [] }, one]);
    expect(alone[0]).toBeCloseTo(clicked, 4);
    expect(alone[1]).toBeCloseTo(liked, 4);
  } finally {
    await dispose();
  }
});

it('says what it needs of the data', () => {
  const definition = findModel('hstu-ranking');
  const features = sizes.features.filter(({ name }) => name !== 'history');
  expect(
    () =>
      definition.kind === 'ranking' &&
      definition.build(resolveConfig('hstu-ranking'), { ...sizes, features }),
  ).toThrow('no feature "history"');
});

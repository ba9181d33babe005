import fc from 'fast-check';
import { expect, test } from 'vitest';
import { leaveLastOut } from '../../data/splits/leave-last-out.ts';
import type { Interactions } from '../../data/types.ts';
import { mean, perUserMetric } from '../../evaluation/metrics.ts';
import { rankedSchema } from '../../training/config.ts';
import type { TrainerEvent } from '../../training/events.ts';
import type { RankingContext } from '../../training/ranking/context.ts';
import { evaluationSet, rankingRule } from '../../training/ranking/evaluation-set.ts';
import { BesidePopularity, popularityRanks } from '../../training/ranking/popularity.ts';
import { popularity } from './models/popularity.ts';
import { rankFitted } from './ranking/fitted-ranker.ts';

function contextOf(sequences: number[][], settings: object): RankingContext {
  const offsets = new Int32Array(sequences.length + 1);
  sequences.forEach((sequence, user) => {
    offsets[user + 1] = offsets[user] + sequence.length;
  });
  const sizes = { users: sequences.length, items: 9, catalogueItems: 9 };
  const itemIds = Int32Array.from(sequences.flat());
  const data: Interactions = { ...sizes, offsets, itemIds, times: null, ratings: null };
  const split = leaveLastOut(data);
  const trainEnd = Int32Array.from({ length: data.users }, (_, user) => split.trainEnd(user));
  return { data, split, trainEnd, config: rankedSchema.parse(settings) } as unknown as RankingContext;
}

const sequences = fc.array(fc.array(fc.nat(8), { minLength: 3, maxLength: 12 }), {
  minLength: 1,
  maxLength: 8,
});
const rules = fc.record({
  historyFilter: fc.constantFrom('all', 'window', 'none'),
  historyWindow: fc.integer({ min: 1, max: 5 }),
  rankLimit: fc.nat(6),
});

test('the mark to beat has the ranks of the model Popularity', async () => {
  await fc.assert(
    fc.asyncProperty(sequences, rules, async (all, settings) => {
      const context = contextOf(all, settings);
      const { data, split, config, trainEnd } = context;
      const model = popularity.build({});
      const state = await model.fit({ interactions: data, trainEnd } as Parameters<typeof model.fit>[0]);
      for (const which of ['valid', 'test'] as const) {
        const set = evaluationSet(split, which);
        const scorer = model.scorer(state, data);
        const options = { scorer, data, set, rule: rankingRule(config), topK: 0, onProgress: () => {} };
        expect(popularityRanks(context, set).ranks).toEqual((await rankFitted(options)).ranks);
      }
    }),
  );
});

test('a training says once that it does not beat Popularity when its patience could first be over, and once that it does', () => {
  const random = fc.sample(sequences, { numRuns: 1, seed: 4 })[0];
  const context = contextOf(random, {});
  const mark = mean(perUserMetric(popularityRanks(context, evaluationSet(context.split, 'valid')), 'mrr'));
  const said: TrainerEvent[] = [];
  const emit = (event: TrainerEvent) => said.push(event);
  const length = { patience: 3, evaluateEvery: 2, epochs: 100, stepsPerEpoch: 1 };
  const beside = new BesidePopularity({ ...context, emit }, length, 'valid/mrr');
  const heard = (value: number, epoch: number) => {
    beside.validated({ 'valid/mrr': value }, epoch);
    return said.splice(0);
  };
  expect([heard(mark / 2, 2), heard(mark, 4)]).toEqual([[], []]);
  const [warning] = heard(mark / 2, 6);
  expect(warning).toMatchObject({ level: 'warn', once: 'It does not beat Popularity' });
  expect(warning).toMatchObject({
    message: expect.stringContaining(`Validation MRR is ${mark.toFixed(4)} after 6 epochs`),
  });
  expect(heard(mark, 8)).toEqual([]);
  expect(heard(mark + 0.01, 10)).toMatchObject([{ level: 'info', once: 'It beats Popularity' }]);
  expect(heard(mark + 0.02, 12)).toEqual([]);
  const patient = new BesidePopularity({ ...context, emit }, { ...length, patience: 0 }, 'valid/mrr');
  patient.validated({ 'valid/mrr': 0 }, 50);
  expect(said).toEqual([]);
});

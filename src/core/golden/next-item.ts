/** The check that sasrec, esasrec, hstu, fuxi, fuxi-beta and llamarec fixtures share: they differ in config, blocks and names. */
import * as tf from '@tensorflow/tfjs';
import { z } from 'zod';
import type { HostArrays, Tensors } from '../engine/index.ts';
import { rankBlock } from '../evaluation/ranking.ts';
import type { CausalEncoder, NextItemConfig } from '../families/next-item/causal-encoder.ts';
import { sampledLogits } from '../layers/index.ts';
import {
  compareModel,
  compareSteps,
  type ModelCheck,
  modelFixture,
  numbered,
  optimiserSchema,
  type ParameterName,
  rowsAt,
  times,
} from './model-check.ts';
import { checkRankMetrics, historyFilter } from './rank-metrics.ts';
import {
  type FixtureCheck,
  fixtureCheck,
  type GoldenCheck,
  tensorSchema,
  tensors,
  whole,
} from './tensor-compare.ts';

/** Config keys of every fixture. */
export const commonConfig = z.object({
  d: whole,
  blocks: whole,
  heads: whole,
  N: whole,
  max_item_id: whole,
  temperature: z.number().positive(),
  num_negatives: whole,
  l2_eps: z.literal(1e-6).default(1e-6),
});

const schema = z.object({
  ...modelFixture,
  config: commonConfig.loose(),
  inputs: z.object({
    lengths: tensorSchema,
    history_ids: tensorSchema,
    train_ids: tensorSchema,
    timestamps: tensorSchema.optional(),
    negatives: tensorSchema,
    candidates: tensorSchema,
  }),
  outputs: z.object({
    input: tensorSchema,
    blocks: z.array(tensorSchema),
    encoder: tensorSchema,
    logits: tensorSchema,
    loss: z.number(),
  }),
  adamw: optimiserSchema.optional(),
  eval: z
    .object({
      query: tensorSchema,
      candidate_scores: tensorSchema,
      runs: z.array(
        z.object({
          name: z.string(),
          targets: tensorSchema,
          ranks: tensorSchema,
          per_user: tensors.optional(),
          mean: z.record(z.string(), z.number()).optional(),
        }),
      ),
    })
    .optional(),
});

type Fixture = z.output<typeof schema>;
type CommonConfig = z.output<typeof commonConfig>;

/** Rank that the reference gives to a target that the history filter removed. */
const RANK_IF_ABSENT = 2501;

interface NextItemFixture<F extends CommonConfig, C extends NextItemConfig> {
  config: z.ZodType<F>;
  /** The config of our model, with dropout 0. */
  settings(config: NoInfer<F>): object;
  schema: z.ZodType<C>;
  build(settings: NoInfer<C>, sizes: { users: number; items: number }): CausalEncoder;
  /** The parameters of block i. */
  block(i: number): ParameterName[];
  /** Those of no block, without the two tables. */
  others?(config: NoInfer<F>): ParameterName[];
  /** Entries of a parameter that an optimiser step does not determine. */
  skip?(config: NoInfer<F>, name: string, index: number): boolean;
}

const tableNames: ParameterName[] = [
  { ours: 'item-embedding', theirs: '_embedding_module._item_emb.weight' },
  { ours: 'position-embedding', theirs: '_input_features_preproc._pos_emb.weight' },
];

/** Config values that all models take from the fixture alike. */
export function commonSettings(config: CommonConfig) {
  return {
    dim: config.d,
    blocks: config.blocks,
    heads: config.heads,
    maxLength: config.N,
    dropout: 0,
    temperature: config.temperature,
    negatives: config.num_negatives,
  };
}

/** The fixture's batch as our inputs; `cells` are the flat positions of its valid rows in their order. */
function batchOf({ config, inputs }: Fixture): { inputs: HostArrays; cells: number[] } {
  const { N: length, num_negatives: negatives } = config;
  const rows = inputs.lengths.data.length;
  const size = rows * length;
  const ids = new Int32Array(size);
  const targets = new Int32Array(size);
  const weights = new Float32Array(size);
  const drawn = new Int32Array(size * negatives);
  const cells = inputs.lengths.data.flatMap((n, row) =>
    Array.from({ length: n }, (_, i) => row * length + i),
  );
  cells.forEach((cell, t) => {
    ids[cell] = inputs.train_ids.data[cell];
    targets[cell] = inputs.train_ids.data[cell + 1] - 1;
    weights[cell] = 1 / cells.length;
    const items = inputs.negatives.data.slice(t * negatives, (t + 1) * negatives);
    drawn.set(
      items.map((item) => item - 1),
      cell * negatives,
    );
  });
  const lengths = Int32Array.from(inputs.lengths.data);
  const times = inputs.timestamps ? timesOf(inputs.timestamps.data, lengths, length) : {};
  return { inputs: { ids, lengths, targets, weights, negatives: drawn, ...times }, cells };
}

/** Times since a row's first interaction; position i knows the time at i + 1, the last column its own. */
function timesOf(seconds: number[], lengths: Int32Array, length: number): HostArrays {
  const times = new Int32Array(seconds.length);
  const queryTimes = new Int32Array(seconds.length);
  lengths.forEach((n, row) => {
    const at = row * length;
    for (let i = 0; i < n; i++) {
      times[at + i] = seconds[at + i] - seconds[at];
      queryTimes[at + i] = seconds[at + Math.min(i + 1, length - 1)] - seconds[at];
    }
  });
  return { times, queryTimes };
}

/** A logit, 0 where it is masked: the mask's -50000 would hide any error of the others in its scale. */
function unmasked(logit: number): number {
  return logit < -1e4 ? 0 : logit;
}

/** The check of a model's fixtures in the layout of generative-recommenders. */
export function nextItemCheck<F extends CommonConfig, C extends NextItemConfig>(
  name: string,
  kind: NextItemFixture<F, C>,
): FixtureCheck {
  const form = schema.and(z.object({ config: kind.config }));
  return fixtureCheck(name, form, async (golden, fixture) => {
    const { config, outputs } = fixture;
    const settings = kind.schema.parse(kind.settings(config));
    const model = kind.build(settings, { users: 0, items: config.max_item_id });
    const { inputs, cells } = batchOf(fixture);
    const check: ModelCheck = {
      model,
      config: settings,
      fixture,
      names: [...tableNames, ...times(config.blocks, kind.block), ...(kind.others?.(config) ?? [])],
      shape: { rows: inputs.lengths.length, length: config.N },
      inputs,
      outputs: (parameters, fed) => intermediates(model, parameters, fed, config),
    };
    const logits = { ...outputs.logits, data: outputs.logits.data.map(unmasked) };
    const results = await compareModel(golden, check, { ...outputs, logits }, (values, name) =>
      name === 'logits'
        ? rowsAt(cells, values, 1 + config.num_negatives).map(unmasked)
        : rowsAt(cells, values, config.d),
    );
    compareEvaluation(golden, fixture, results);
    const skip = (name: string, i: number) => kind.skip?.(config, name, i) ?? false;
    await compareSteps(golden, check, 'adamw', fixture.adamw, skip);
  });
}

function intermediates(
  model: CausalEncoder,
  parameters: Tensors,
  inputs: Tensors,
  config: CommonConfig,
): Tensors {
  const { input, blocks, states } = model.stages(parameters, inputs);
  const vectors = model.itemVectors(parameters);
  const scaled = tf.div(tf.reshape(states, [-1, config.d]), config.temperature);
  const logits = sampledLogits(scaled, vectors, tf.reshape(inputs.targets, [-1]), inputs.negatives);
  return { input, ...numbered('blocks', blocks), encoder: states, vectors, logits };
}

/** Queries, scores of the candidates in the fixture's order, and ranks after the history filter. */
function compareEvaluation(golden: GoldenCheck, fixture: Fixture, results: HostArrays): void {
  if (!fixture.eval) return;
  const { config, inputs } = fixture;
  const lengths = inputs.lengths.data;
  const queries = lengths.map((n, row) => {
    const cell = row * config.N + n - 1;
    return results.encoder.slice(cell * config.d, (cell + 1) * config.d) as Float32Array;
  });
  const query = queries.flatMap((q) => Array.from(q));
  golden.compare('output', 'eval.query', query, fixture.eval.query);
  const candidates = inputs.candidates.data;
  const scores = Float64Array.from(
    queries.flatMap((query) =>
      candidates.map((item) =>
        query.reduce(
          (sum: number, x: number, k: number) => sum + x * results.vectors[(item - 1) * config.d + k],
          0,
        ),
      ),
    ),
  );
  golden.compare('output', 'eval.candidate_scores', scores, fixture.eval.candidate_scores);
  const columnOf = new Map(candidates.map((item, column) => [item, column]));
  const filter = historyFilter(inputs.history_ids, columnOf);
  for (const run of fixture.eval.runs) {
    const targets = run.targets.data.map((target) => columnOf.get(target) ?? -1);
    const { ranks } = rankBlock({
      scores,
      items: candidates.length,
      targets,
      filter,
      rankIfAbsent: RANK_IF_ABSENT,
    });
    golden.compare('output', `eval.runs.${run.name}.ranks`, ranks, run.ranks);
    checkRankMetrics(golden, `eval.runs.${run.name}`, ranks, run);
  }
}

/** The check that sasrec, esasrec, hstu, fuxi, fuxi-beta and llamarec fixtures share: they differ in config, blocks and names. */
import * as tf from '@tensorflow/tfjs';
import { z } from 'zod';
import type { HostArrays, Tensors } from '../engine/index.ts';
import { UserError } from '../errors.ts';
import { rankBlock } from '../evaluation/ranking.ts';
import type { CausalEncoder, NextItemConfig } from '../families/next-item/causal-encoder.ts';
import { sampledLogits } from '../layers/index.ts';
import {
  compareGradients,
  compareSteps,
  forwardAndBackward,
  type ModelCheck,
  modelFixture,
  optimiserSchema,
  type ParameterName,
  tensors,
} from './model-check.ts';
import { checkRankMetrics } from './rank-metrics.ts';
import { GoldenCheck, type GoldenResult, tensorSchema } from './tensor-compare.ts';

const whole = z.number().int().positive();

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

export interface NextItemFixture<F extends CommonConfig> {
  /** As the fixture names the model. */
  name: string;
  config: z.ZodType<F>;
  /** Our model with dropout 0, and the config it was built from. */
  build(
    config: F,
    params: Record<string, { shape: number[] }>,
  ): { model: CausalEncoder; settings: NextItemConfig };
  /** Every parameter but the two tables. */
  names(config: F, params: Record<string, { shape: number[] }>): ParameterName[];
  /** Entries of a parameter that an optimiser step does not determine. */
  skip?(config: F, name: string, index: number): boolean;
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

function parse<T>(model: string, form: z.ZodType<T>, value: unknown): T {
  const parsed = form.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new UserError(`this is no ${model} fixture: ${issue.path.join('.')}: ${issue.message}`);
}

/** Runs one of our models on a fixture of the generative-recommenders layout and compares everything it holds. */
export async function checkNextItem<F extends CommonConfig>(
  kind: NextItemFixture<F>,
  value: unknown,
): Promise<GoldenResult> {
  const fixture = parse(kind.name, schema, value);
  const { config } = parse(kind.name, z.object({ config: kind.config }), value);
  const { outputs, params } = fixture;
  const { model, settings } = kind.build(config, params);
  const { inputs, cells } = batchOf(fixture);
  const check: ModelCheck = {
    model,
    config: settings,
    fixture,
    names: [...tableNames, ...kind.names(config, params)],
    shape: { rows: inputs.lengths.length, length: config.N },
    inputs,
    outputs: (parameters, fed) => intermediates(model, parameters, fed, config),
  };
  const golden = new GoldenCheck();
  const results = await forwardAndBackward(check);
  const rowsOf = (values: ArrayLike<number>, width: number) =>
    cells.flatMap((cell) => Array.from({ length: width }, (_, i) => values[cell * width + i]));
  golden.compare('output', 'outputs.input', rowsOf(results.input, config.d), outputs.input.data);
  outputs.blocks.forEach((block, i) => {
    golden.compare('output', `outputs.blocks.${i}`, rowsOf(results[`block/${i}`], config.d), block.data);
  });
  golden.compare('output', 'outputs.encoder', rowsOf(results.encoder, config.d), outputs.encoder.data);
  const logits = rowsOf(results.logits, 1 + config.num_negatives);
  golden.compare('output', 'outputs.logits', logits.map(unmasked), outputs.logits.data.map(unmasked));
  golden.compare('loss', 'outputs.loss', results.loss[0], outputs.loss);
  compareGradients(golden, check, results);
  compareEvaluation(golden, fixture, results);
  if (fixture.adamw) {
    await compareSteps(
      golden,
      check,
      'adamw',
      fixture.adamw,
      (name, i) => kind.skip?.(config, name, i) ?? false,
    );
  }
  return golden.result(kind.name);
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
  const named = Object.fromEntries(blocks.map((block, i) => [`block/${i}`, block]));
  return { input, ...named, encoder: states, vectors, logits };
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
  golden.compare(
    'output',
    'eval.query',
    queries.flatMap((q) => Array.from(q)),
    fixture.eval.query.data,
  );
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
  golden.compare('output', 'eval.candidate_scores', scores, fixture.eval.candidate_scores.data);
  const columnOf = new Map(candidates.map((item, column) => [item, column]));
  const width = inputs.history_ids.shape[1];
  const columns: number[] = [];
  const offsets = [0];
  lengths.forEach((_, row) => {
    for (const item of inputs.history_ids.data.slice(row * width, (row + 1) * width)) {
      const column = columnOf.get(item);
      if (column !== undefined) columns.push(column);
    }
    offsets.push(columns.length);
  });
  for (const run of fixture.eval.runs) {
    const targets = run.targets.data.map((target) => columnOf.get(target) ?? -1);
    const { ranks } = rankBlock({
      scores,
      items: candidates.length,
      targets,
      filter: { offsets, columns },
      rankIfAbsent: RANK_IF_ABSENT,
    });
    golden.compare('output', `eval.runs.${run.name}.ranks`, ranks, run.ranks.data);
    checkRankMetrics(golden, `eval.runs.${run.name}`, ranks, run);
  }
}

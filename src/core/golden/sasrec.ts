import * as tf from '@tensorflow/tfjs';
import { z } from 'zod';
import type { HostArrays, Tensors } from '../engine/index.ts';
import { UserError } from '../errors.ts';
import { checkRankMetrics } from '../evaluation/golden.ts';
import { rankBlock } from '../evaluation/ranking.ts';
import { GoldenCheck, type GoldenResult, tensorSchema } from '../evaluation/tensor-compare.ts';
import { SasRec, sasrecSchema } from '../models/sasrec.ts';
import { modelFixture, optimiserSchema, type ParameterName, tensors } from './fixture.ts';
import { compareGradients, compareSteps, forwardAndBackward, type ModelCheck } from './model-check.ts';

const whole = z.number().int().positive();

const schema = z.object({
  ...modelFixture,
  config: z.object({
    d: whole,
    blocks: whole,
    heads: whole,
    N: whole,
    max_item_id: whole,
    temperature: z.number().positive(),
    num_negatives: whole,
    ffn_hidden: whole,
    ffn_activation: z.literal('relu').default('relu'),
    l2_eps: z.literal(1e-6).default(1e-6),
    ln_eps: z.literal(1e-8).default(1e-8),
  }),
  inputs: z.object({
    lengths: tensorSchema,
    history_ids: tensorSchema,
    train_ids: tensorSchema,
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

type SasRecFixture = z.output<typeof schema>;

/** Rank that the reference gives to a target that the history filter removed. */
const RANK_IF_ABSENT = 2501;

function parameterNames(blocks: number): ParameterName[] {
  const names: ParameterName[] = [
    { ours: 'item-embedding', theirs: '_embedding_module._item_emb.weight' },
    { ours: 'position-embedding', theirs: '_input_features_preproc._pos_emb.weight' },
  ];
  for (let i = 0; i < blocks; i++) {
    const [at, attention, ffn] = [`blocks/${i}`, `attention_layers.${i}`, `forward_layers.${i}`];
    names.push(
      { ours: `${at}/qkv/weight`, theirs: `${attention}.in_proj_weight`, transposed: true },
      { ours: `${at}/qkv/bias`, theirs: `${attention}.in_proj_bias` },
      { ours: `${at}/out/weight`, theirs: `${attention}.out_proj.weight`, transposed: true },
      { ours: `${at}/out/bias`, theirs: `${attention}.out_proj.bias` },
      { ours: `${at}/ffn/0/weight`, theirs: `${ffn}._conv1d.0.weight`, transposed: true },
      { ours: `${at}/ffn/0/bias`, theirs: `${ffn}._conv1d.0.bias` },
      { ours: `${at}/ffn/1/weight`, theirs: `${ffn}._conv1d.3.weight`, transposed: true },
      { ours: `${at}/ffn/1/bias`, theirs: `${ffn}._conv1d.3.bias` },
    );
  }
  return names;
}

/** The fixture's batch as our inputs; `cells` are the flat positions of its valid rows in their order. */
function batchOf({ config, inputs }: SasRecFixture): { inputs: HostArrays; cells: number[] } {
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
  return { inputs: { ids, lengths, targets, weights, negatives: drawn }, cells };
}

/** A logit, 0 where it is masked: the mask's -50000 would hide any error of the others in its scale. */
function unmasked(logit: number): number {
  return logit < -1e4 ? 0 : logit;
}

/** Runs our SASRec on a fixture of the generative-recommenders layout and compares everything it holds. */
export async function checkSasRec(fixture: unknown): Promise<GoldenResult> {
  const parsed = schema.safeParse(fixture);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new UserError(`this is no sasrec fixture: ${issue.path.join('.')}: ${issue.message}`);
  }
  const { config, outputs } = parsed.data;
  const settings = sasrecSchema.parse({
    dim: config.d,
    blocks: config.blocks,
    heads: config.heads,
    ffnDim: config.ffn_hidden,
    maxLength: config.N,
    dropout: 0,
    temperature: config.temperature,
    negatives: config.num_negatives,
  });
  const model = new SasRec(settings, { users: 0, items: config.max_item_id });
  const { inputs, cells } = batchOf(parsed.data);
  const shape = { rows: inputs.lengths.length, length: config.N };
  const names = parameterNames(config.blocks);
  const check: ModelCheck = {
    model,
    config: settings,
    fixture: parsed.data,
    names,
    shape,
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
  compareEvaluation(golden, parsed.data, results);
  // The key bias shifts all scores of a query alike: its gradient is zero, its Adam step noise.
  const keyBias = (name: string, i: number) =>
    name.endsWith('in_proj_bias') && i >= config.d && i < 2 * config.d;
  if (parsed.data.adamw) await compareSteps(golden, check, 'adamw', parsed.data.adamw, keyBias);
  return golden.result('sasrec');
}

function intermediates(
  model: SasRec,
  parameters: Tensors,
  inputs: Tensors,
  config: SasRecFixture['config'],
): Tensors {
  const found: Tensors = { input: model.embed(parameters, inputs) };
  let x = found.input;
  for (let i = 0; i < config.blocks; i++) {
    x = model.block(parameters, inputs, x, i);
    found[`block/${i}`] = x;
  }
  found.encoder = model.encode(parameters, inputs);
  found.vectors = model.itemVectors(parameters);
  const states = tf.div(tf.reshape(found.encoder, [-1, config.d]), config.temperature);
  const targets = tf.reshape(inputs.targets, [-1]);
  found.logits = model.sampledLogits(states, found.vectors, targets, inputs.negatives);
  return found;
}

/** Queries, scores of the candidates in the fixture's order, and ranks after the history filter. */
function compareEvaluation(golden: GoldenCheck, fixture: SasRecFixture, results: HostArrays): void {
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

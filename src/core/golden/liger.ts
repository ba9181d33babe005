/** The check of liger fixtures: T5 over items with content, and the similarity of histories and items. */
import * as tf from '@tensorflow/tfjs';
import { z } from 'zod';
import type { HostArrays } from '../engine/index.ts';
import { UserError } from '../errors.ts';
import { CodeSources, teacherTokens } from '../families/generative/batches.ts';
import type { ItemTokens } from '../families/generative/code-tokens.ts';
import { Liger, ligerSchema } from '../families/generative/liger.ts';
import { idInputs, itemTokensOf } from './id-fixtures.ts';
import {
  compareGradients,
  compareSteps,
  forwardAndBackward,
  type ModelCheck,
  modelFixture,
  optimiserSchema,
  type ParameterName,
} from './model-check.ts';
import { t5Names } from './t5.ts';
import { GoldenCheck, type GoldenResult, tensorSchema } from './tensor-compare.ts';

const whole = z.number().int().positive();

const schema = z.object({
  ...modelFixture,
  config: z.object({
    d_model: whole,
    d_kv: whole,
    d_ff: whole,
    encoder_layers: whole,
    decoder_layers: whole,
    heads: whole,
    buckets: whole,
    max_distance: whole,
    ln_eps: z.number().positive(),
    N: whole,
    sizes: z.array(whole),
    projection: z.array(whole),
    temperature: z.number().positive(),
    tied_head: z.literal(true),
  }),
  inputs: idInputs.extend({ content: tensorSchema, hidden: z.array(z.number().int().nonnegative()) }),
  outputs: z.object({
    source: tensorSchema,
    encoder: tensorSchema,
    query: tensorSchema,
    logits: tensorSchema,
    items: tensorSchema,
    similarity: tensorSchema,
    loss: z.number(),
  }),
  adamw: optimiserSchema.optional(),
});

type Fixture = z.output<typeof schema>;

function namesOf({ config }: Fixture): ParameterName[] {
  const linear = (ours: string, theirs: string): ParameterName[] => [
    { ours: `${ours}/weight`, theirs: `${theirs}.weight`, transposed: true },
    { ours: `${ours}/bias`, theirs: `${theirs}.bias` },
  ];
  const norm = (ours: string, theirs: string): ParameterName[] => [
    { ours: `${ours}/scale`, theirs: `${theirs}.weight` },
    { ours: `${ours}/shift`, theirs: `${theirs}.bias` },
  ];
  return [
    ...t5Names(config),
    ...config.projection.flatMap((_, i): ParameterName[] => {
      const [ours, theirs] = [`content/hidden/${i}`, `content.${i}`];
      const residual = { ours: `${ours}/residual/weight`, theirs: `${theirs}.residual`, transposed: true };
      return [...linear(ours, theirs), ...norm(`${ours}/norm`, `${theirs}.norm`), residual];
    }),
    ...linear('content/out', 'content.out'),
    { ours: 'item-position', theirs: 'item_position' },
    { ours: 'level-position', theirs: 'level_position' },
    ...norm('source-norm', 'source_norm'),
  ];
}

function modelOf({ config, inputs }: Fixture, { levels }: ItemTokens): Liger {
  const settings = ligerSchema.parse({
    dim: config.d_model,
    heads: config.heads,
    headDim: config.d_kv,
    ffnDim: config.d_ff,
    encoderBlocks: config.encoder_layers,
    decoderBlocks: config.decoder_layers,
    buckets: config.buckets,
    maxDistance: config.max_distance,
    normEpsilon: config.ln_eps,
    maxLength: config.N,
    projection: config.projection.join(),
    temperature: config.temperature,
    softmax: 'vocabulary',
    dropout: 0,
    contentDropout: 0,
    sourceDropout: 0,
  });
  const [items, dim] = inputs.content.shape;
  const vectors = { items, dim, data: Float32Array.from(inputs.content.data) };
  const hidden = Uint8Array.from({ length: items }, (_, item) => Number(inputs.hidden.includes(item)));
  return new Liger(settings, levels, { items, hidden, vectors: () => vectors });
}

/** Runs our LIGER on a fixture and compares everything it holds. */
export async function checkLiger(value: unknown): Promise<GoldenResult> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new UserError(`this is no liger fixture: ${issue.path.join('.')}: ${issue.message}`);
  }
  const fixture = parsed.data;
  const items = itemTokensOf(fixture.inputs, fixture.config.sizes);
  const model = modelOf(fixture, items);
  const { histories, targets } = fixture.inputs;
  const shape = { rows: histories.length, length: Math.max(...histories.map((history) => history.length)) };
  const sources = new CodeSources(model, items, shape);
  histories.forEach((history, row) => {
    sources.write(row, 0, history);
  });
  const check: ModelCheck = {
    model,
    config: model.config,
    fixture,
    names: namesOf(fixture),
    shape,
    inputs: {
      ...sources.arrays,
      ...teacherTokens(items, targets),
      targets: Int32Array.from(targets),
      weights: new Float32Array(shape.rows).fill(1 / shape.rows),
    },
    outputs: (parameters, given) => {
      const masks = model.attentionMasks(given);
      const source = model.sourceVectors(parameters, given);
      const encoder = model.encode(parameters, given, masks);
      const keys = model.t5.sourceKeys(parameters, encoder);
      const states = model.t5.decode(parameters, given, given.decoderTokens, keys, masks);
      const logits = model.t5.logits(parameters, tf.reshape(states, [-1, model.config.dim]), 0);
      const query = model.queries(parameters, given);
      return { source, encoder, logits, query, items: model.itemVectors(parameters, given) };
    },
  };
  const golden = new GoldenCheck();
  const results = await forwardAndBackward(check);
  compareOutputs(golden, fixture, results, sources.arrays.present);
  compareGradients(golden, check, results);
  if (fixture.adamw) await compareSteps(golden, check, 'adamw', fixture.adamw);
  return golden.result('liger');
}

function compareOutputs(
  golden: GoldenCheck,
  { config, outputs }: Fixture,
  results: HostArrays,
  present: Float32Array,
): void {
  const dim = config.d_model;
  const real = (values: ArrayLike<number>) =>
    Array.from(present).flatMap((there, at) =>
      there ? Array.from({ length: dim }, (_, i) => values[at * dim + i]) : [],
    );
  golden.compare('output', 'outputs.source', real(results.source), outputs.source.data);
  golden.compare('output', 'outputs.encoder', real(results.encoder), outputs.encoder.data);
  golden.compare('output', 'outputs.logits', results.logits, outputs.logits.data);
  golden.compare('output', 'outputs.query', results.query, outputs.query.data);
  golden.compare('output', 'outputs.items', results.items, outputs.items.data);
  const [rows, count] = outputs.similarity.shape;
  const similarity = Float64Array.from({ length: rows * count }, (_, at) => {
    const [row, item] = [Math.floor(at / count), at % count];
    let sum = 0;
    for (let i = 0; i < dim; i++) sum += results.query[row * dim + i] * results.items[item * dim + i];
    return sum;
  });
  golden.compare('output', 'outputs.similarity', similarity, outputs.similarity.data);
  golden.compare('loss', 'outputs.loss', results.loss[0], outputs.loss);
}

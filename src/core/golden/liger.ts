/** The check of liger fixtures: T5 over items with content, and the similarity of histories and items. */
import * as tf from '@tensorflow/tfjs';
import { z } from 'zod';
import { CodeSources, teacherTokens } from '../families/generative/batches.ts';
import type { ItemTokens } from '../families/generative/code-tokens.ts';
import { Liger, ligerSchema } from '../families/generative/liger.ts';
import { idInputs, itemTokensOf } from './id-fixtures.ts';
import {
  compareModel,
  compareSteps,
  linearNames,
  type ModelCheck,
  modelFixture,
  normNames,
  optimiserSchema,
  type ParameterName,
  rowsAt,
  times,
} from './model-check.ts';
import { t5Names } from './t5.ts';
import { fixtureCheck, tensorSchema, whole } from './tensor-compare.ts';

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
  return [
    ...t5Names(config),
    ...times(config.projection.length, (i): ParameterName[] => {
      const [ours, theirs] = [`content/hidden/${i}`, `content.${i}`];
      const residual = { ours: `${ours}/residual/weight`, theirs: `${theirs}.residual`, transposed: true };
      return [...linearNames(ours, `${theirs}.`), ...normNames(`${ours}/norm`, `${theirs}.norm.`), residual];
    }),
    ...linearNames('content/out', 'content.out.'),
    { ours: 'item-position', theirs: 'item_position' },
    { ours: 'level-position', theirs: 'level_position' },
    ...normNames('source-norm', 'source_norm.'),
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
export const checkLiger = fixtureCheck('liger', schema, async (golden, fixture) => {
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
      const query = model.queries(encoder, given);
      return { source, encoder, logits, query, items: model.itemVectors(parameters, given) };
    },
  };
  const { outputs } = fixture;
  const { dim } = model.config;
  const cells = Array.from(sources.arrays.present).flatMap((there, at) => (there ? [at] : []));
  const { query, items: found } = await compareModel(golden, check, outputs, (values, name) =>
    name === 'source' || name === 'encoder' ? rowsAt(cells, values, dim) : values,
  );
  const [rows, count] = outputs.similarity.shape;
  const similarity = Float64Array.from({ length: rows * count }, (_, at) => {
    const [row, item] = [Math.floor(at / count), at % count];
    let sum = 0;
    for (let i = 0; i < dim; i++) sum += query[row * dim + i] * found[item * dim + i];
    return sum;
  });
  golden.compare('output', 'outputs.similarity', similarity, outputs.similarity);
  await compareSteps(golden, check, 'adamw', fixture.adamw);
});

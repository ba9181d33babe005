import * as tf from '@tensorflow/tfjs';
import { z } from 'zod';
import type { HostArrays, Tensors } from '../engine/index.ts';
import { Decoder, type DecoderConfig } from '../families/language/decoder.ts';
import { rotations } from '../layers/index.ts';
import { blockNames } from './causal-fixtures.ts';
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
import { fixtureCheck, tensorSchema, whole } from './tensor-compare.ts';

const schema = z.object({
  ...modelFixture,
  config: z.object({
    d: whole,
    ff: whole,
    blocks: whole,
    heads: whole,
    kv_heads: whole.optional(),
    head_dim: whole.optional(),
    vocab: whole,
    N: whole,
    rope_theta: z.number().positive(),
    rms_eps: z.number().positive(),
    tied_head: z.boolean(),
    rope_style: z.string().startsWith('rotate_half').default('rotate_half'),
  }),
  inputs: z.object({
    ids: tensorSchema,
    lengths: z.union([tensorSchema, z.array(whole)]),
    labels: tensorSchema,
  }),
  outputs: z.object({
    rope_cos: tensorSchema.optional(),
    rope_sin: tensorSchema.optional(),
    embedding: tensorSchema.optional(),
    blocks: z.array(tensorSchema).optional(),
    final_norm: tensorSchema.optional(),
    logits: tensorSchema,
    loss: z.number(),
  }),
  adamw: optimiserSchema.optional(),
});

type Fixture = z.output<typeof schema>;

/** A label that the loss leaves out. */
const IGNORED = -100;

function decoderOf({ config }: Fixture): DecoderConfig {
  const { d, ff, heads, kv_heads = heads, head_dim = d / heads } = config;
  return {
    vocabulary: config.vocab,
    dim: d,
    blocks: config.blocks,
    heads,
    kvHeads: kv_heads,
    headDim: head_dim,
    ffnDim: ff,
    tiedHead: config.tied_head,
    context: config.N,
    ropeTheta: config.rope_theta,
    normEpsilon: config.rms_eps,
  };
}

/** The fixture's batch as ours, each row one sequence; `cells` are the flat positions of its valid tokens. */
function batchOf({ config, inputs }: Fixture): { inputs: HostArrays; cells: number[]; rows: number } {
  const length = config.N;
  const lengths = Array.isArray(inputs.lengths) ? inputs.lengths : inputs.lengths.data;
  const size = lengths.length * length;
  const arrays = {
    ids: Int32Array.from(inputs.ids.data),
    segments: new Int32Array(size),
    positions: Int32Array.from({ length: size }, (_, cell) => cell % length),
    places: Int32Array.from({ length: size }, (_, cell) => cell),
    targets: new Int32Array(size),
    weights: new Float32Array(size),
  };
  const cells = lengths.flatMap((n, row) => Array.from({ length: n }, (_, i) => row * length + i));
  for (const cell of cells) arrays.segments[cell] = 1;
  const predicting = cells.filter(
    (cell) => (cell + 1) % length !== 0 && inputs.labels.data[cell + 1] !== IGNORED,
  );
  for (const cell of predicting) {
    arrays.targets[cell] = inputs.labels.data[cell + 1];
    arrays.weights[cell] = 1 / predicting.length;
  }
  return { inputs: arrays, cells, rows: lengths.length };
}

function parameterNames({ blocks, tied_head }: Fixture['config']): ParameterName[] {
  const layers = times(blocks, blockNames);
  return [
    { ours: 'embedding', theirs: 'model.embed_tokens.weight' },
    ...layers.map((name) => ({ ...name, theirs: `model.${name.theirs}` })),
    { ours: 'final-norm/scale', theirs: 'model.norm.weight' },
    ...(tied_head ? [] : [{ ours: 'head', theirs: 'lm_head.weight' }]),
  ];
}

/** Runs our decoder on a fixture of the Llama layout and compares everything it holds. */
export const checkLlama = fixtureCheck('llama', schema, async (golden, fixture) => {
  const { config } = fixture;
  const decoder = new Decoder(decoderOf(fixture));
  const { inputs, cells, rows } = batchOf(fixture);
  const check: ModelCheck = {
    model: decoder,
    config: { optimiser: 'adamw', clipNorm: 0 },
    fixture,
    names: parameterNames(config),
    shape: { rows, length: config.N },
    inputs,
    outputs: (parameters, fed) => intermediates(decoder, parameters, fed),
  };
  await compareModel(golden, check, fixture.outputs, (values, name) => {
    if (name.startsWith('rope')) return values;
    return rowsAt(cells, values, name === 'logits' ? config.vocab : config.d);
  });
  await compareSteps(golden, check, 'adamw', fixture.adamw);
});

function intermediates(decoder: Decoder, parameters: Tensors, inputs: Tensors): Tensors {
  const { context, headDim, ropeTheta, dim } = decoder.config;
  const { embedding, blocks, states } = decoder.stages(parameters, inputs);
  const logits = tf.matMul(tf.reshape(states, [-1, dim]), decoder.head(parameters), false, true);
  const { cosines, sines } = rotations(context, headDim, ropeTheta);
  const ropes = { rope_cos: cosines, rope_sin: sines };
  return { embedding, ...numbered('blocks', blocks), final_norm: states, logits, ...ropes };
}

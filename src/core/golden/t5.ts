import * as tf from '@tensorflow/tfjs';
import { z } from 'zod';
import { float32, type HostArrays, int32, type Tensors } from '../engine/index.ts';
import { UserError } from '../errors.ts';
import { tokensOf } from '../families/generative/beam-search.ts';
import { CodeDecoder } from '../families/generative/code-decoder.ts';
import { tokenLevels } from '../families/generative/code-tokens.ts';
import { T5 } from '../families/generative/t5.ts';
import type { BeamResult, EndedSequence } from '../families/traced-decoding.ts';
import { paddingMask, relativeBucket } from '../layers/index.ts';
import { PrefixTrie } from '../semantic-ids/trie.ts';
import { trainingFields } from '../training/config.ts';
import type { StepModel } from '../training/step-model.ts';
import {
  compareModel,
  compareSteps,
  fixtureParameters,
  load,
  type ModelCheck,
  modelFixture,
  onCpu,
  optimiserSchema,
  type ParameterName,
  rowsAt,
  weightName,
} from './model-check.ts';
import { fixtureCheck, type GoldenCheck, tensorSchema, whole } from './tensor-compare.ts';

const BEAMS = 5;
const DISTANCES = 200;

const sequence = z.object({
  tokens: z.array(z.number().int().nonnegative()),
  sequences_score: z.number().optional(),
  sum_logprob_full_vocab: z.number(),
});

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
    activation: z.literal('relu'),
    tied_head: z.boolean(),
    vocab: whole,
    levels: whole,
    codes_per_level: whole,
    pad: z.literal(0),
    decoder_start: z.literal(0),
    ln_eps: z.number().positive(),
  }),
  inputs: z.object({
    input_ids: tensorSchema,
    attention_mask: tensorSchema,
    labels: tensorSchema,
    valid_tuples: z.array(z.array(z.number().int().nonnegative())),
  }),
  outputs: z
    .object({
      encoder_embedding: tensorSchema,
      encoder_last_hidden: tensorSchema,
      decoder_last_hidden: tensorSchema,
      logits: tensorSchema,
      loss: z.number(),
    })
    .catchall(z.array(z.number())),
  adamw: optimiserSchema.optional(),
  decode: z
    .object({
      catalogue_sum_logprob_full_vocab: z.array(z.array(z.number())),
      greedy: z.array(sequence),
      beam5_free: z.array(z.array(sequence)),
      beam5_free_eos0: z.array(z.array(sequence)),
      beam5_constrained: z.array(z.array(sequence)),
      beam5_constrained_renormalised: z.array(z.array(sequence)),
    })
    .optional(),
});

type Fixture = z.output<typeof schema>;
type Decoding = NonNullable<Fixture['decode']>;
type Sequence = z.output<typeof sequence>;

/** The parameters of Hugging Face's T5. */
export function t5Names(
  config: Pick<Fixture['config'], 'encoder_layers' | 'decoder_layers' | 'tied_head'>,
): ParameterName[] {
  const names: ParameterName[] = [{ ours: 'token-embedding', theirs: 'shared.weight' }];
  const weight = (ours: string, theirs: string) => names.push(weightName(ours, `${theirs}.`));
  for (const [stack, blocks] of [
    ['encoder', config.encoder_layers],
    ['decoder', config.decoder_layers],
  ] as const) {
    const bias = `${stack}.block.0.layer.0.SelfAttention.relative_attention_bias.weight`;
    names.push({ ours: `${stack}/relative-bias`, theirs: bias });
    const sublayers = stack === 'encoder' ? ['self', 'ffn'] : ['self', 'cross', 'ffn'];
    for (let block = 0; block < blocks; block++) {
      for (const [i, kind] of sublayers.entries()) {
        const [at, layer] = [`${stack}/blocks/${block}/${kind}`, `${stack}.block.${block}.layer.${i}`];
        names.push({ ours: `${at}/norm/scale`, theirs: `${layer}.layer_norm.weight` });
        if (kind === 'ffn') {
          weight(`${at}/in`, `${layer}.DenseReluDense.wi`);
          weight(`${at}/out`, `${layer}.DenseReluDense.wo`);
          continue;
        }
        const attention = `${layer}.${kind === 'self' ? 'SelfAttention' : 'EncDecAttention'}`;
        for (const name of ['query', 'key', 'value', 'out'])
          weight(`${at}/${name}`, `${attention}.${name[0]}`);
      }
    }
    names.push({ ours: `${stack}/final-norm/scale`, theirs: `${stack}.final_layer_norm.weight` });
  }
  if (!config.tied_head) names.push({ ours: 'head/weight', theirs: 'lm_head.weight' });
  return names;
}

function modelOf({ config }: Fixture): T5 {
  const tokens = tokenLevels(Array<number>(config.levels).fill(config.codes_per_level));
  if (tokens.outputs !== config.vocab) {
    throw new UserError(`the fixture's vocabulary is not 1 + levels * codes_per_level = ${tokens.outputs}`);
  }
  return new T5(
    {
      dim: config.d_model,
      heads: config.heads,
      headDim: config.d_kv,
      ffnDim: config.d_ff,
      encoderBlocks: config.encoder_layers,
      decoderBlocks: config.decoder_layers,
      buckets: config.buckets,
      maxDistance: config.max_distance,
      normEpsilon: config.ln_eps,
      embeddingStd: 1,
      dropout: 0,
      head: config.tied_head ? 'tied' : 'separate',
      softmax: 'vocabulary',
    },
    tokens,
  );
}

/** The fixture's batch as a training step. */
function stepModel(t5: T5, rows: number, source: number): StepModel & Pick<ModelCheck, 'outputs'> {
  const { levels } = t5;
  const forward = (parameters: Tensors, inputs: Tensors) => {
    const padding = paddingMask(inputs.present);
    const encoder = t5.encode(parameters, inputs, t5.embed(parameters, inputs.tokens), { encoder: padding });
    const keys = t5.sourceKeys(parameters, encoder);
    const decoder = t5.decode(parameters, inputs, inputs.decoderTokens, keys, { cross: padding });
    return { encoder, decoder };
  };
  return {
    batches: {
      kind: 'custom',
      inputs: () => ({
        tokens: int32(rows, source),
        present: float32(rows, source),
        decoderTokens: int32(rows, levels),
        labels: int32(rows, levels),
        weights: float32(rows),
      }),
    },
    parameters: t5.parameters,
    randomInputs: () => ({}),
    loss: (parameters, inputs) => {
      const { decoder } = forward(parameters, inputs);
      return t5.crossEntropy(parameters, decoder, inputs.labels, inputs.weights);
    },
    outputs: (parameters, inputs) => {
      const { encoder, decoder } = forward(parameters, inputs);
      const states = tf.reshape(decoder, [rows * levels, t5.config.dim]);
      const logits = t5.logits(parameters, states, 0);
      const embedding = t5.embed(parameters, inputs.tokens);
      return {
        encoder_embedding: embedding,
        encoder_last_hidden: encoder,
        decoder_last_hidden: decoder,
        logits,
      };
    },
  };
}

function batchOf({ inputs, config }: Fixture): HostArrays {
  const [rows] = inputs.input_ids.shape;
  const labels = Int32Array.from(inputs.labels.data);
  return {
    tokens: Int32Array.from(inputs.input_ids.data),
    present: Float32Array.from(inputs.attention_mask.data),
    decoderTokens: labels.map((_, i) => (i % config.levels === 0 ? config.decoder_start : labels[i - 1])),
    labels,
    weights: new Float32Array(rows).fill(1 / rows),
  };
}

function compareBuckets(golden: GoldenCheck, { config, outputs }: Fixture): void {
  for (const [name, bidirectional] of [
    ['bidirectional', true],
    ['causal', false],
  ] as const) {
    const options = { bidirectional, buckets: config.buckets, maxDistance: config.max_distance };
    const ours = Array.from({ length: 2 * DISTANCES + 1 }, (_, i) => relativeBucket(i - DISTANCES, options));
    const field = `bucket_${name}_-${DISTANCES}..${DISTANCES}`;
    golden.compare('output', `outputs.${field}`, ours, outputs[field] as number[] | undefined);
  }
}

/** Decodes with the fixture's parameters, as when recommending. */
async function compareDecoding(
  golden: GoldenCheck,
  t5: T5,
  check: ModelCheck,
  { decode, inputs }: Fixture,
): Promise<void> {
  if (!decode) return;
  const { levels } = t5;
  const trie = new PrefixTrie(Int32Array.from(inputs.valid_tuples.flat()), levels);
  const masks = ({ present }: Tensors) => ({ encoder: paddingMask(present), cross: paddingMask(present) });
  const [rows, source] = inputs.input_ids.shape;
  await onCpu(async (context) => {
    await load(context, t5.parameters, fixtureParameters(check));
    const search = async (width: number, options: Parameters<CodeDecoder['search']>[1]) => {
      const decoder = new CodeDecoder(
        t5,
        context,
        { rows, width },
        {
          parameters: t5.parameters,
          inputs: { tokens: int32(rows, source), present: float32(rows, source) },
          masks,
          encode: (parameters, given) =>
            t5.encode(parameters, {}, t5.embed(parameters, given.tokens), masks(given)),
        },
      );
      return found(await decoder.search(check.inputs, options), width, trie);
    };
    const all = await search(trie.size, { mode: 'masked', trie });
    compareCatalogue(golden, all, decode);
    const sumOf = (row: number, tokens: readonly number[]) =>
      all[row].find((one) => one.tokens.join() === tokens.join())?.sum ?? Number.NaN;
    const compare = (name: keyof Decoding, theirs: Sequence[][], ours: Found[][], sums = true) =>
      theirs.forEach((row, i) => {
        const sum = sums ? (one: Found) => one.sum : (one: Found) => sumOf(i, one.tokens);
        compareRow(golden, `decode.${name}.${i}`, row, ours[i], sum);
      });
    const greedy = decode.greedy.map((one) => [one]);
    compare('greedy', greedy, await search(1, { mode: 'free' }));
    compare('beam5_free', decode.beam5_free, await search(BEAMS, { mode: 'free' }));
    const ended = await search(BEAMS, { mode: 'free', endToken: 0 });
    compare('beam5_free_eos0', decode.beam5_free_eos0, ended);
    compare('beam5_constrained', decode.beam5_constrained, await search(BEAMS, { mode: 'masked', trie }));
    const renormalised = await search(BEAMS, { mode: 'renormalised', trie });
    compare('beam5_constrained_renormalised', decode.beam5_constrained_renormalised, renormalised, false);
  });
}

type Found = EndedSequence & { tuples: Int32Array };

/** The sequences of every row, best first. */
function found({ levels, ended }: BeamResult, width: number, trie: PrefixTrie): Found[][] {
  const none = new Int32Array(0);
  if (ended.length > 0) return ended.map((row) => row.map((one) => ({ ...one, tuples: none })));
  const { scores, nodes } = levels[levels.length - 1];
  return Array.from({ length: scores.length / width }, (_, row) =>
    Array.from({ length: width }, (_, i) => row * width + i)
      .filter((beam) => scores[beam] > Number.NEGATIVE_INFINITY)
      .map((beam) => ({
        tokens: tokensOf(levels, beam),
        sum: scores[beam],
        score: scores[beam] / levels.length,
        tuples: nodes[beam] < 0 ? none : trie.tuples(levels.length, nodes[beam]),
      })),
  );
}

function compareCatalogue(golden: GoldenCheck, all: Found[][], decode: Decoding): void {
  decode.catalogue_sum_logprob_full_vocab.forEach((theirs, row) => {
    const sums = new Float64Array(theirs.length).fill(Number.NaN);
    for (const { tuples, sum } of all[row]) for (const tuple of tuples) sums[tuple] = sum;
    golden.compare('output', `decode.catalogue_sum_logprob_full_vocab.${row}`, sums, theirs);
  });
}

function compareRow(
  golden: GoldenCheck,
  path: string,
  theirs: Sequence[],
  ours: Found[],
  sumOf: (one: Found) => number,
): void {
  // What follows an end token is padding.
  const padded = ({ tokens }: { tokens: readonly number[] }, length: number) =>
    Array.from({ length }, (_, i) => tokens[i] ?? 0);
  const length = Math.max(...theirs.map(({ tokens }) => tokens.length));
  const all = (rows: readonly { tokens: readonly number[] }[]) => rows.flatMap((one) => padded(one, length));
  golden.compare('output', `${path}.tokens`, all(ours), all(theirs));
  const sums = theirs.map((one) => one.sum_logprob_full_vocab);
  golden.compare('output', `${path}.sum`, ours.map(sumOf), sums);
  const scores = theirs.flatMap(({ sequences_score: score }) => (score === undefined ? [] : [score]));
  if (scores.length === theirs.length) {
    const found = ours.map(({ score }) => score);
    golden.compare('output', `${path}.sequences_score`, found, scores);
  }
}

/** Runs our encoder-decoder on a fixture of Hugging Face's T5 and compares everything it holds. */
export const checkT5 = fixtureCheck('t5', schema, async (golden, fixture) => {
  const { inputs, outputs, config } = fixture;
  const [rows, source] = inputs.input_ids.shape;
  const t5 = modelOf(fixture);
  const { outputs: intermediates, ...model } = stepModel(t5, rows, source);
  const check: ModelCheck = {
    model,
    config: z.object(trainingFields).parse({ optimiser: 'adamw' }),
    fixture,
    names: t5Names(fixture.config),
    shape: { rows, length: source },
    inputs: batchOf(fixture),
    outputs: intermediates,
  };
  compareBuckets(golden, fixture);
  const cells = inputs.attention_mask.data.flatMap((real, at) => (real ? [at] : []));
  // The tied head's scale is applied to our states and not to the reference's.
  const scale = config.tied_head ? config.d_model ** 0.5 : 1;
  await compareModel(golden, check, outputs, (values, name) => {
    if (name.startsWith('encoder')) return rowsAt(cells, values, config.d_model);
    return name === 'decoder_last_hidden' ? Float32Array.from(values, (x) => x * scale) : values;
  });
  await compareSteps(golden, check, 'adamw', fixture.adamw);
  await compareDecoding(golden, t5, check, fixture);
});

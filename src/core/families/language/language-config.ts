/** Config that language models share. Descriptions become help and form labels. */
import { z } from 'zod';
import type { DecoderConfig } from '../../decoders/decoder.ts';
import { loraFields, loraTargetsRule } from '../../decoders/lora-config.ts';
import { pathField } from '../../files/path-fields.ts';
import { field, trainingFields } from '../../training/config.ts';
import { SOURCES } from '../../training/sources.ts';
import { STAGES } from './text/examples.ts';
import { TASKS } from './text/template.ts';

const { optimiser, beta1, beta2, epsilon, schedule } = trainingFields;

export const languageFields = {
  stage: z
    .enum(STAGES)
    .describe(
      'pretraining: item cards and histories, every token; instruction: several tasks and wordings, answers alone; ' +
        'fine-tuning: whether the member likes an item, answers alone',
    )
    .default('fine-tuning'),
  startFrom: z
    .string()
    .describe(`${SOURCES.startFrom.description}; its sizes, tokenizer and template are taken`)
    .default(''),
  weights: pathField(
    'Pretrained model to start from: a GGUF file, or a folder with config.json, tokenizer.json and safetensors; Llama, Mistral, Mixtral, Qwen2 or Qwen3',
  ),
  adapter: pathField(
    'LoRA adapter of the pretrained model, a folder in the layout of PEFT; its changes are worked into the matrices first',
  ),
  tokenizer: pathField(
    "Path of a tokenizer.json; without one a byte-level BPE is trained on the data set's texts",
  ),
  template: z
    .string()
    .describe('Name of a ready template, or a template as JSON; without one the first that fits the data set')
    .default(''),
  chat: z
    .enum(['auto', 'never'])
    .describe('auto: a model that was taught a chat template is asked in it, as a user; never: in plain text')
    .default('auto'),
  vocabulary: field.positiveInt('Tokens of a tokenizer trained here').default(4096),
  dim: field.positiveInt('Width of the model').default(128),
  blocks: field.positiveInt('Blocks').default(4),
  heads: field.positiveInt('Attention heads').default(4),
  kvHeads: field.nonNegativeInt('Heads of keys and values, a divisor of heads; 0 takes heads').default(0),
  headDim: field.nonNegativeInt('Width of each head, even; 0 takes dim / heads').default(0),
  ffnDim: field
    .nonNegativeInt('Width of the gated feed-forward layer; 0 takes 8/3 of dim, rounded')
    .default(0),
  tiedHead: z.boolean().describe('The embedding table is the output layer, too').default(true),
  ropeTheta: field.positive('Base of the rotary angles').default(10000),
  normEpsilon: field.positive('Added under the root of the RMS norms').default(1e-5),
  context: z.number().int().min(64).max(8192).describe('Tokens of a row; prompts are cut to it').default(512),
  dropout: field.fraction('Rate on what every layer adds').default(0),
  ...loraFields,
  shots: field.nonNegativeInt('Most past interactions in a prompt').default(20),
  likeFrom: z.number().describe('Smallest rating that is a like').default(4),
  supervise: z
    .enum(['answers', 'last-answer'])
    .describe('Learn the answers that past interactions show as well, or the last one alone')
    .default('answers'),
  unseenTask: z
    .enum(['none', ...TASKS.slice(1)])
    .describe('Task kept out of training, to be tested unseen')
    .default('none'),
  epochs: field
    .nonNegativeInt('Epochs of stepsPerEpoch steps; the held-out loss is measured after each')
    .default(10),
  stepsPerEpoch: field.positiveInt('Optimiser steps in an epoch').default(100),
  batchSize: field.positiveInt('Rows of packed sequences in an optimiser step').default(8),
  optimiser,
  learningRate: field.positive('Step size after warm-up').default(1e-3),
  beta1,
  beta2,
  epsilon,
  weightDecay: z.number().nonnegative().describe('L2 penalty; decoupled for adamw').default(0.01),
  clipNorm: z.number().nonnegative().describe('Largest global gradient norm; 0 is off').default(1),
  warmupSteps: field.nonNegativeInt('Steps of linear growth of the learning rate from 0').default(50),
  schedule: schedule
    .unwrap()
    .describe(schedule.description ?? '')
    .default('cosine'),
  patience: field
    .nonNegativeInt('Epochs without a lower held-out loss before training stops; 0 never stops early')
    .default(0),
  heldOutUsers: field.positiveInt('Users whose held-out interactions measure the loss').default(500),
  testUsers: field.nonNegativeInt('Users whose last interaction tests the answers; 0 takes all').default(0),
} as const;

/** Tokens of a tokenizer that is trained on a data set. */
const VOCABULARY = { least: 300, most: 65536 };
const isTrainable = (tokens: number) => tokens >= VOCABULARY.least && tokens <= VOCABULARY.most;

/** Keys that change the tokens in which the held-out loss is counted, or the users and questions that it is of. */
export const measuredBy = [
  ...[
    'stage',
    'startFrom',
    'weights',
    'adapter',
    'tokenizer',
    'template',
    'vocabulary',
    'context',
    'shots',
    'likeFrom',
  ],
  ...['chat', 'unseenTask', 'heldOutUsers', 'testUsers'],
];

export const languageSchema = z
  .object(languageFields)
  .refine(({ heads, kvHeads }) => kvHeads === 0 || heads % kvHeads === 0, {
    path: ['kvHeads'],
    message: 'must divide heads',
  })
  .refine(({ dim, heads, headDim }) => (headDim || dim / heads) % 2 === 0, {
    path: ['heads'],
    message: 'heads must have an even width: choose heads so that dim / heads is even, or set headDim',
  })
  .refine(({ startFrom, weights, vocabulary }) => startFrom + weights !== '' || isTrainable(vocabulary), {
    path: ['vocabulary'],
    message: `must be ${VOCABULARY.least} to ${VOCABULARY.most} where a tokenizer is trained`,
  })
  .refine(({ startFrom, weights }) => startFrom === '' || weights === '', {
    path: ['weights'],
    message: 'start from another run or from a pretrained model, not from both',
  })
  .refine(...loraTargetsRule)
  .refine(({ adapter, weights }) => adapter === '' || weights !== '', {
    path: ['adapter'],
    message: 'needs the pretrained model that it changes: set weights',
  });

export type LanguageConfig = z.output<typeof languageSchema>;

/** The decoder of a config, with a vocabulary of this size. */
export function decoderConfig(config: LanguageConfig, vocabulary: number): DecoderConfig {
  const { dim, blocks, heads, tiedHead, ropeTheta, normEpsilon, context } = config;
  return {
    vocabulary,
    dim,
    blocks,
    heads,
    tiedHead,
    ropeTheta,
    normEpsilon,
    context,
    kvHeads: config.kvHeads || heads,
    headDim: config.headDim || dim / heads,
    ffnDim: config.ffnDim || Math.round((8 * dim) / 3),
  };
}

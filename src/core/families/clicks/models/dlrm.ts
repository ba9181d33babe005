import type { Tensor } from '@tensorflow/tfjs';
import { z } from 'zod';
import { dropout, type Tensors } from '../../../engine/index.ts';
import * as tf from '../../../engine/tf.ts';
import {
  bindMasks,
  bindTree,
  dotInteraction,
  dropoutMask,
  type HostTableSpecs,
  mlp,
  mlpSpecs,
  namedLeaves,
  type ParameterSpecs,
  pairCount,
  type RandomInputs,
} from '../../../layers/index.ts';
import { field } from '../../../training/config.ts';
import { clickDataFields, clickTrainingFields } from '../click-config.ts';
import type {
  ClickBag,
  ClickFeature,
  ClickModel,
  ClickShape,
  ClickSizes,
  ClickVectors,
  CodeRows,
} from '../click-model.ts';
import { clickModel } from '../click-model.ts';
import {
  type Compression,
  type FeatureVector,
  featureTables,
  type Lookup,
  mapRows,
  mixedDimensions,
  stackVectors,
  vectorParameters,
} from '../embedding-bags.ts';
import { itemFields, itemLookup } from '../item-representation.ts';

/** Layers as DLRM's command line writes them: widths joined by dashes. */
const widths = (description: string) =>
  z.coerce
    .string()
    .regex(
      /^(\d+(-\d+)*)?$/,
      'write widths joined by dashes, such as 512-256, or nothing for no hidden layer',
    )
    .refine((text) => !text.split('-').includes('0'), 'a layer needs at least one unit')
    .describe(description);

export const dlrmFields = {
  dim: field.positiveInt('Width of every embedding and of the bottom network').default(16),
  bottom: widths('Hidden layers of the network of the numbers, before the last, which has width dim').default(
    '512-256-64',
  ),
  top: widths('Hidden layers of the network that gives the log-odds').default('512-256'),
  dropout: field.fraction('Rate after the hidden layers of the top network').default(0),
  interaction: z
    .enum(['dot', 'cat'])
    .describe('Inner products of all pairs of vectors beside the numbers, or all vectors one after the other')
    .default('dot'),
  selfInteraction: z.boolean().describe('Pairs of a vector with itself count as well (dot)').default(false),
  pooling: z
    .enum(['sum', 'mean'])
    .describe('How the vectors of a multi-valued feature become one')
    .default('sum'),
  history: z
    .enum(['split', 'all'])
    .describe('The items of a history: one vector of those with label 1 and one of the others, or one of all')
    .default('split'),
  minCount: field
    .nonNegativeInt(
      'Categories with fewer training rows share the row of missing values; 0 keeps a row for each',
    )
    .default(0),
  maxIds: field
    .nonNegativeInt('Rows of a table are the ids modulo this (hashing); 0 keeps a row for each')
    .default(0),
  compression: z
    .enum(['none', 'quotient-remainder', 'mixed-dimension'])
    .describe('What large tables have instead of a row of width dim for each category')
    .default('none'),
  qrThreshold: field
    .nonNegativeInt('Tables with more rows are split in quotients and remainders')
    .default(200),
  qrCollisions: field.positiveInt('Categories that share a quotient').default(4),
  qrOperation: z
    .enum(['mult', 'add', 'concat'])
    .describe('How the vectors of quotient and remainder become one')
    .default('mult'),
  mdAlpha: field.positive('Width falls with the table size to this power').default(0.3),
  mdPowerOfTwo: z.boolean().describe('Widths are rounded to powers of two').default(true),
  ...itemFields,
} as const;

export type DlrmConfig = z.output<z.ZodObject<typeof dlrmFields>>;

function layersOf(text: string): number[] {
  return text === '' ? [] : text.split('-').map(Number);
}

/**
 * Deep learning recommendation model (Naumov et al. 2019): numbers through the bottom network, categories through
 * embedding bags, inner products of all pairs of these vectors beside the numbers' own, and the top network on them.
 */
export class Dlrm implements ClickModel {
  readonly bags: readonly ClickBag[];
  readonly vectors: readonly ClickVectors[];
  readonly parameters: ParameterSpecs;
  readonly hostTables: HostTableSpecs;
  readonly rowNames: ClickModel['rowNames'];
  readonly #config: DlrmConfig;
  readonly #features: readonly FeatureVector[];
  readonly #networks: ReturnType<typeof networksOf>;

  /** Throws UserError where the data or the tokeniser does not have what the config needs. */
  constructor(config: DlrmConfig, sizes: ClickSizes) {
    this.#config = config;
    const tables = featuresOf(config, sizes);
    this.#features = tables.map(({ vector }) => vector);
    this.bags = this.#features.flatMap(({ bags }) => bags);
    this.vectors = this.#features.flatMap(({ content }) => (content ? [content] : []));
    this.hostTables = Object.assign({}, ...tables.map(({ hostTables }) => hostTables));
    this.#networks = networksOf(config, sizes, this.#features.length);
    const { bottom, top } = this.#networks;
    this.parameters = {
      ...namedLeaves({ bottom }),
      ...vectorParameters(this.#features),
      ...namedLeaves({ top }),
    };
    this.rowNames = inputNames(config, sizes, this.#features);
  }

  /** One for each hidden layer of the top network. */
  #masks(rows: number) {
    const { dropout: rate, top } = this.#config;
    return rate === 0 ? [] : layersOf(top).map((width) => dropoutMask(rate, rows, width));
  }

  randomInputs({ rows }: ClickShape): RandomInputs {
    return namedLeaves(this.#masks(rows), 'mask');
  }

  /** The numbers after the bottom network, [rows, dim], or null without numbers. */
  bottom(parameters: Tensors, inputs: Tensors): Tensor | null {
    const { bottom } = bindTree(this.#networks, parameters);
    return bottom ? mlp(inputs.dense, bottom, { activateLast: true }) : null;
  }

  /** One vector a feature, [rows, features, dim]. */
  embeddings(parameters: Tensors, inputs: Tensors): Tensor {
    const { dim } = this.#config;
    return stackVectors(this.#features, parameters, inputs, { dim, hostTables: this.hostTables });
  }

  /** What the top network reads, [rows, width]: the numbers' vector, and the pairs or the features' vectors. */
  interact(parameters: Tensors, inputs: Tensors, { rows }: ClickShape): Tensor {
    const { dim, interaction, selfInteraction } = this.#config;
    const numbers = this.bottom(parameters, inputs);
    const features = this.#features.length > 0 ? [this.embeddings(parameters, inputs)] : [];
    const all = numbers ? [tf.reshape(numbers, [rows, 1, dim]), ...features] : features;
    const stacked = all.length === 1 ? all[0] : tf.concat(all, 1);
    if (interaction === 'cat') return tf.reshape(stacked, [rows, -1]);
    const pairs = dotInteraction(stacked, selfInteraction);
    return numbers ? tf.concat([numbers, pairs], 1) : pairs;
  }

  logits(parameters: Tensors, inputs: Tensors, shape: ClickShape): Tensor {
    const { top } = bindTree(this.#networks, parameters);
    const masks = bindMasks(this.#masks(shape.rows), inputs, 'mask');
    const drop = (x: Tensor, layer: number) => dropout(x, masks?.[layer], this.#config.dropout);
    return mlp(this.interact(parameters, inputs, shape), top, { activateLast: false, drop });
  }
}

/** The network of the numbers, where there are any, and the one that reads the interactions. */
function networksOf(config: DlrmConfig, { dense, tasks }: ClickSizes, features: number) {
  const { dim, interaction, selfInteraction } = config;
  const numbers = dense.length > 0 ? 1 : 0;
  const vectors = numbers + features;
  const width = interaction === 'cat' ? vectors * dim : numbers * dim + pairCount(vectors, selfInteraction);
  return {
    bottom: numbers ? mlpSpecs([dense.length, ...layersOf(config.bottom), dim]) : undefined,
    top: mlpSpecs([width, ...layersOf(config.top), tasks.length]),
  };
}

/** What the inputs of the first layers are, by the names of the columns that they come from. */
function inputNames(
  { dim, interaction, selfInteraction }: DlrmConfig,
  { dense }: ClickSizes,
  features: readonly FeatureVector[],
): ClickModel['rowNames'] {
  const numbers = dense.length > 0 ? ['numbers'] : [];
  const vectors = [...numbers, ...features.map(({ bags, content }) => content?.name ?? bags[0].name)];
  const cells = (names: readonly string[]) =>
    names.flatMap((name) => Array.from({ length: dim }, (_, at) => `${name} ${at}`));
  // As dotInteraction has them: row by row below the diagonal.
  const pairs = vectors.flatMap((one, row) =>
    vectors.slice(0, row + (selfInteraction ? 1 : 0)).map((other) => `${other} by ${one}`),
  );
  return {
    ...(dense.length > 0 ? { 'bottom/0/weight': dense } : {}),
    'top/0/weight': interaction === 'cat' ? cells(vectors) : [...cells(numbers), ...pairs],
  };
}

/** Every feature's tables, in the order of the data; a history may become two. */
function featuresOf(config: DlrmConfig, sizes: ClickSizes) {
  const lookups = sizes.features.flatMap((feature) => lookupsOf(feature, config, sizes));
  const compression = compressionOf(
    config,
    lookups.flatMap((one) => ('table' in one ? [one] : [])),
  );
  return lookups.map((one) => ('table' in one ? featureTables(one, config.dim, compression) : one));
}

const HISTORY_LABELS = 'history-labels';
/** Code of a label 1 in it; 0 is none and 1 a label 0. */
const LIKED = 2;

function lookupsOf(feature: ClickFeature, config: DlrmConfig, sizes: ClickSizes) {
  if (feature.name === HISTORY_LABELS) return [];
  const labelled = sizes.features.some(({ name }) => name === HISTORY_LABELS);
  const parts =
    feature.name === 'history' && labelled && config.history === 'split'
      ? [
          { name: 'history/liked', where: { feature: HISTORY_LABELS, code: LIKED } },
          { name: 'history/other', where: { feature: HISTORY_LABELS, code: LIKED - 1 } },
        ]
      : [{ name: feature.name }];
  const pooling = feature.width > 1 ? config.pooling : 'sum';
  return parts.map((part) => {
    const bag = { ...part, feature: feature.name, pooling, width: feature.width };
    if (feature.of === 'item') {
      const lookup = itemLookup(bag, feature, config, sizes);
      if (lookup) return lookup;
    }
    return plainLookup(bag, feature, config, sizes);
  });
}

/** A row for each category, as far as `minCount` and `maxIds` leave them. Features of items share one table. */
function plainLookup(
  bag: Lookup['bag'],
  feature: ClickFeature,
  { minCount, maxIds, compression }: DlrmConfig,
  sizes: ClickSizes,
): Lookup {
  const shared = feature.of === 'item';
  const counted = shared ? (sizes.features.find(({ of }) => of === 'item') ?? feature) : feature;
  const frequent = minCount > 0 ? frequentRows(counted, minCount) : null;
  const rows = frequent?.rows ?? feature.vocabulary;
  const hashed = maxIds > 0 && rows > maxIds;
  // What is divided twice is listed.
  const twice = hashed && compression === 'quotient-remainder';
  const codes: CodeRows = frequent?.codes ?? (twice ? frequentRows(counted, 0).codes : { kind: 'same' });
  return {
    table: `tables/${shared ? 'items' : feature.name}`,
    rows: hashed ? maxIds : rows,
    codes: hashed ? mapRows(codes, { kind: 'remainder', by: maxIds }) : codes,
    bag,
  };
}

/** Rows 1, 2, … for the codes that are frequent in training, row 0 for the others. */
function frequentRows({ counts, vocabulary }: ClickFeature, minCount: number) {
  const rows = new Int32Array(vocabulary);
  let next = 1;
  for (let code = 1; code < vocabulary; code++) if (counts[code] >= minCount) rows[code] = next++;
  const offsets = Int32Array.from({ length: vocabulary + 1 }, (_, code) => code);
  return { codes: { kind: 'list' as const, offsets, rows }, rows: next };
}

function compressionOf(config: DlrmConfig, lookups: readonly Lookup[]): Compression {
  switch (config.compression) {
    case 'none':
      return { kind: 'none' };
    case 'quotient-remainder':
      return {
        kind: 'quotient-remainder',
        threshold: config.qrThreshold,
        collisions: config.qrCollisions,
        operation: config.qrOperation,
      };
    case 'mixed-dimension': {
      const { mdAlpha: alpha, mdPowerOfTwo: powerOfTwo, dim: base } = config;
      const sizes = lookups.map(({ rows }) => rows);
      const widthsOf = mixedDimensions(sizes, { alpha, base, powerOfTwo });
      return {
        kind: 'mixed-dimension',
        widths: Object.fromEntries(lookups.map(({ table }, i) => [table, widthsOf[i]])),
      };
    }
  }
}

const dlrmSchema = z.object({ ...dlrmFields, ...clickDataFields, ...clickTrainingFields });

export const dlrm = clickModel({
  id: 'dlrm',
  title: 'DLRM',
  summary: 'Embeddings joined by inner products.',
  group: 'ranking',
  paper: {
    title: 'Deep Learning Recommendation Model for Personalization and Recommendation Systems',
    authors: 'Maxim Naumov, Dheevatsa Mudigere, Hao-Jun Michael Shi, and others',
    year: 2019,
    where: 'arXiv:1906.00091',
  },
  essentials: ['dim', 'bottom', 'top', 'features'],
  configSchema: dlrmSchema,
  sources: { tokeniser: 'optional' },
  build: (config, sizes) => new Dlrm(config, sizes),
});

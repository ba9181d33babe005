/**
 * Click models: from the features of one row (a user, an item, a context) to the probability of a click, or of
 * several actions. The contract between the models and their trainer (click-training.ts).
 */
import type { Tensor } from '@tensorflow/tfjs';
import type { z } from 'zod';
import type { Specs, Tensors } from '../../engine/index.ts';
import type { HostTableSpecs, ParameterSpecs, RandomInputs } from '../../layers/index.ts';
import type { ItemMatrix, SemanticIds } from '../../semantic-ids/types.ts';
import type { Config } from '../../training/config.ts';
import type { ModelDescription } from '../model.ts';

/** A categorical column of the data. Its values are codes 0 .. vocabulary - 1; code 0 is a missing value. */
export interface ClickFeature {
  name: string;
  /** The codes are ids of users or items: code i + 1 is the dense user or item i. A history has those of items. */
  of: 'user' | 'item' | 'other';
  /** The owner of a value: a user or an item has the same one in all rows. Default: the row. */
  follows?: 'user' | 'item';
  /** Number of codes, code 0 included. Codes that only validation or test rows have are among them. */
  vocabulary: number;
  /** Maximum number of values in a row; more than 1 for a multi-valued feature. A history has its most recent value last. */
  width: number;
  /** Training rows' values by code, int32 [vocabulary]: 0 is a category unseen in training. */
  counts: Int32Array;
}

/** How often training rows have each label. */
export interface ClickCounts {
  /** Of all rows, [tasks]. */
  shares: readonly number[];
  /** Rows with each label by code of a feature, int32 [tasks][vocabulary], by the feature's name. */
  positives: Readonly<Record<string, readonly Int32Array[]>>;
}

/**
 * What a click model is built for. Where the rows come from a data set of interactions, the features are `user`, `item`,
 * `history` (the items of the user's training interactions before the row) and `history-labels` (aligned with it: the
 * code of each one's first label, 1 or 2), besides the side columns that the config names.
 */
export interface ClickSizes {
  /** Names of the numeric columns, in the order of `dense`. */
  dense: readonly string[];
  features: readonly ClickFeature[];
  /** Names of the predicted labels; the first one is the one that selects and is reported without its name. */
  tasks: readonly string[];
  /** Given to a model that is fitted. */
  clicks?: ClickCounts;
  /** Where rows have a user and an item, so that those of a user can be read as a sequence. */
  sequences?: {
    /** Whether rows have times. */
    times: boolean;
    /** Whether training sequences have candidates that only predict: sampled negatives. */
    candidates: boolean;
  };
  /** Semantic IDs of the catalogue, from the run that the config names as `tokeniser`. */
  semanticIds?: { ids: SemanticIds; vectors: ItemMatrix | null };
}

/** The rows of a table that belong to the code c of a feature. */
export type CodeRows =
  /** Row c. */
  | { kind: 'same' }
  /** Row c mod `by`. */
  | { kind: 'remainder'; by: number }
  /** Row floor(c / by). */
  | { kind: 'quotient'; by: number }
  /** Rows `rows[offsets[c]]` to `rows[offsets[c + 1] - 1]`, int32: the pieces of a Semantic ID, or none. offsets [vocabulary + 1] */
  | { kind: 'list'; offsets: Int32Array; rows: Int32Array };

/** Rows of one embedding table that a feature looks up. */
export interface ClickBag {
  /** Names its inputs. */
  name: string;
  /** Name of a ClickFeature. */
  feature: string;
  codes: CodeRows;
  /** Only the values where an aligned feature has this code. */
  where?: { feature: string; code: number };
  /** Table of `hostTables` whose rows are pooled on the host; without one the model looks the rows up itself. */
  table?: string;
  /** The parameter in which the model does so. */
  parameter?: string;
  /** Over the values of the feature; the rows of one value are always added up. Only of host tables. */
  pooling?: 'sum' | 'mean';
  /** Maximum number of values in a bag that the model looks up itself; later values of a row push out earlier ones. */
  width: number;
  /** Where those values stand in their `width` places; zeros fill the others. Default: at the start. */
  align?: 'end';
}

/** Fixed vectors by code that the model is given instead of looking them up, such as the items' content. */
export interface ClickVectors {
  name: string;
  feature: string;
  /** Only the values where an aligned feature has this code. */
  where?: { feature: string; code: number };
  dim: number;
  /** float32 [vocabulary, dim]; the vectors of a multi-valued feature are averaged. */
  values: Float32Array;
}

/** The fixed size of one compiled batch: `rows` times `length` rows of data. */
export interface ClickShape {
  /** Rows of data, or sequences of them. */
  rows: number;
  /** Places of a sequence; 1 where rows of data stand by themselves. */
  length: number;
}

/** Whether a place of a sequence has a row. */
export const PADDING = 0;
/** A row that is predicted. No other place sees it or its action. */
export const CANDIDATE = 1;
/** A row that later positions attend to, with its action; it may be predicted as well. */
export const INTERACTION = 2;

/**
 * A model of rows. Its inputs, `rows` being all rows of data of the batch, are
 * - `dense` float32 [rows, dense], left out where there are no numeric columns; missing values are 0 after the
 *   transformation of the config (`ClickDataConfig.denseTransform`);
 * - `pooled/<dim>` float32 [rows, n, dim]: the pooled rows of the n bags with a host table of that width, in the order of
 *   `bags`;
 * - for every other bag `bag/<name>` int32 [rows, width], table rows, 0 beyond the count, and, unless every value is one
 *   row of it and stands alone (`singleRows`), `count/<name>` int32 [rows];
 * - for every entry of `vectors` `vector/<name>` float32 [rows, dim].
 * Rows beyond the batch's end have weight 0 and zeros in every input.
 *
 * A model of sequences (`sequences`) reads rows of one user in order of time. It has besides, with sequences x places as in
 * ClickShape,
 * - `places` int32 [sequences, places]: PADDING, CANDIDATE or INTERACTION;
 * - `positions` int32 [sequences, places]: interactions of the sequence before the place;
 * - `actions` float32 [rows, tasks]: the labels of interactions, zeros elsewhere;
 * - `times` int32 [sequences, places] where `sequences.times` is set: seconds since the sequence's first row.
 */
export interface ClickModel {
  readonly bags: readonly ClickBag[];
  readonly vectors: readonly ClickVectors[];
  readonly parameters: ParameterSpecs;
  readonly hostTables: HostTableSpecs;
  /** What the rows of parameters stand for that are not of codes: the names of numbers, or of pairs of columns. */
  readonly rowNames: Readonly<Record<string, readonly string[]>>;
  /** Given where rows are read in sequences, of at most so many interactions before the last row. */
  readonly sequences?: { history: number; times: boolean; kept: KeptHistories };
  randomInputs(shape: ClickShape): RandomInputs;
  /**
   * Log-odds float32 [rows], or [rows, tasks] where the sizes name several tasks. `candidates`: whether places of the
   * sequences may be candidates. Default: true.
   */
  logits(parameters: Tensors, inputs: Tensors, shape: ClickShape, candidates?: boolean): Tensor;
}

/** How a model of sequences scores candidates of histories that it has read once. */
export interface KeptHistories {
  /** What is kept of histories of `shape.length` turns. */
  specs(shape: ClickShape): Specs;
  /** Inputs as of `logits`, without candidates -> tensors as `specs` has them. */
  keep(parameters: Tensors, inputs: Tensors, shape: ClickShape): Tensors;
  /**
   * Log-odds [rows * shape.length, tasks] of `shape.length` candidates of each history, which see it up to their `positions` and
   * not each other. Inputs are the kept tensors, the candidates' rows of data, `positions` int32 [rows, length or 1] and, where
   * the model reads times, `times` alike and `historyTimes` int32 [rows, turns], all since the history's first row.
   */
  score(parameters: Tensors, inputs: Tensors, shape: ClickShape & { turns: number }): Tensor;
}

/** Whether every row of data has one value, and every value one row of the table. */
export function singleRows({ codes, where, width }: ClickBag): boolean {
  return width === 1 && codes.kind !== 'list' && where === undefined;
}

/** Names of inputs: the pooled rows of host tables of a width, a bag's rows and their count, and fixed vectors. */
export const pooledInput = (dim: number) => `pooled/${dim}`;
export const bagInput = ({ name }: Pick<ClickBag, 'name'>) => `bag/${name}`;
export const countInput = ({ name }: Pick<ClickBag, 'name'>) => `count/${name}`;
export const vectorInput = ({ name }: Pick<ClickVectors, 'name'>) => `vector/${name}`;

export interface ClickDefinition extends ModelDescription {
  /** Whether it reads the rows of a user as a sequence, and so needs no features of histories. */
  readsSequences?: boolean;
  /** Whether it is known as soon as it is built, and learns nothing by steps. */
  isFitted?: boolean;
  build(config: Config, sizes: ClickSizes): ClickModel;
}

/** A definition whose `build` is given the config as its own schema types it. */
export function clickModel<S extends z.ZodObject>(
  definition: Omit<ClickDefinition, 'build' | 'configSchema'> & {
    configSchema: S;
    build(config: z.output<S>, sizes: ClickSizes): ClickModel;
  },
): ClickDefinition {
  const { configSchema: schema, build, isFitted } = definition;
  const starts = isFitted ? {} : ({ startFrom: 'optional' } as const);
  return {
    ...definition,
    sources: { ...definition.sources, ...starts },
    build: (config, sizes) => build(schema.parse(config), sizes),
  };
}

import type { Tensor } from '@tensorflow/tfjs';
import { type Adapters, Decoder, type DecoderConfig } from '../../../decoders/decoder.ts';
import {
  type DeviceContext,
  float32,
  gatherRows,
  type HostArrays,
  int32,
  type Specs,
  type Tensors,
} from '../../../engine/index.ts';
import * as tf from '../../../engine/tf.ts';
import {
  catalogueCrossEntropy,
  lastIndices,
  MASKED,
  type ParameterSpecs,
  parameter,
  type RandomInputs,
  range,
} from '../../../layers/index.ts';
import type { BatchShape, CustomBatchKind } from '../../../training/step-model.ts';
import type { Catalogue, TokenLevels } from '../code-tokens.ts';
import type { GenerationConfig, GenerativeConfig } from '../generative-config.ts';
import {
  allowedInput,
  type DecoderShape,
  type Lister,
  type ListerOptions,
  type ListGraphs,
  type SequentialModel,
} from '../generative-model.ts';
import { BeamLister } from '../search/beam-lister.ts';
import { wordGraphs } from './word-graphs.ts';
import { type ReadCodes, type ReadSource, type SourceKeys, WordIdDecoder } from './word-id-decoder.ts';

const ROWS = 'ids/embedding';
const HEAD = 'ids/head';
/** As words begin. */
const INIT_STD = 0.02;

/** How lists are made. */
type ListConfig = Omit<GenerationConfig, 'softmax'>;

export interface WordIdsOptions {
  sizes: DecoderConfig;
  /** Words before a history. */
  prompt: readonly number[];
  adapters: Adapters | null;
  dropout: number;
  recompute: boolean;
}

/**
 * A language model with a word for every code (Zheng et al. 2024, "LC-Rec", arXiv:2311.09049, section 3): ids from `vocabulary` on are
 * codes, in the order of `TokenLevels`. It is trained on packed rows of words and codes by the next token, over all of them. Lists are
 * made from a source of the words of the prompt and the codes of the history, whose ID follows: `tokens` int32 [rows, source] has codes
 * as of `TokenLevels` behind the prompt, `present` float32 is 1 up to the last one.
 */
export class WordIds implements SequentialModel {
  readonly config: GenerativeConfig;
  readonly language: Decoder;
  readonly parameters: ParameterSpecs;
  readonly persistent: Decoder['persistent'];
  readonly batches: CustomBatchKind;
  readonly causal = true;
  readonly unread: readonly string[];
  readonly tokens: TokenLevels;
  /** The rows of the codes. */
  readonly rows: ParameterSpecs;
  readonly #generation: ListConfig;
  readonly #options: WordIdsOptions;

  constructor(config: GenerativeConfig & ListConfig, tokens: TokenLevels, options: WordIdsOptions) {
    const { sizes, adapters, dropout, recompute } = options;
    this.config = config;
    this.tokens = tokens;
    this.#generation = config;
    this.#options = options;
    this.language = new Decoder(sizes, { adapters, dropout, recompute });
    const rows = {
      ...parameter([tokens.outputs - 1, sizes.dim], { kind: 'normal', std: INIT_STD }),
      table: true as const,
    };
    this.rows = { [ROWS]: rows, ...(sizes.tiedHead ? {} : { [HEAD]: rows }) };
    this.parameters = { ...this.language.parameters, ...this.rows };
    this.persistent = this.language.persistent;
    this.batches = this.language.batches;
    // Words are read, and none is written in an ID.
    this.unread = sizes.tiedHead || adapters ? [] : ['head'];
  }

  /** Every parameter, whether it is trained or not. */
  get whole(): ParameterSpecs {
    return { ...this.parameters, ...this.persistent?.specs };
  }

  get levels(): number {
    return this.tokens.sizes.length;
  }

  get tokensPerItem(): number {
    return this.levels;
  }

  get overheadTokens(): number {
    return this.#options.prompt.length;
  }

  get generation(): string {
    const { beams, decoding, samplingTemperature } = this.#generation;
    return `${beams} beams, ${decoding}${decoding === 'sample' ? ` at temperature ${samplingTemperature}` : ''}`;
  }

  /** Where the codes begin among the ids. */
  get firstCode(): number {
    return this.#options.sizes.vocabulary;
  }

  sourceLength(items: number): number {
    return this.#options.prompt.length + items * this.levels;
  }

  positionOf(item: number): number {
    return this.sourceLength(item);
  }

  lister(options: ListerOptions): Lister {
    return new BeamLister(this, this.#generation, options);
  }

  decoder(device: DeviceContext, shape: DecoderShape): WordIdDecoder {
    return new WordIdDecoder(this, device, shape);
  }

  exported({ hidden }: Pick<Catalogue, 'hidden'>): ListGraphs | { needed: string } {
    const { decoding, beams } = this.#generation;
    return decoding === 'constrained' && !hidden
      ? wordGraphs(this, { prompt: this.#options.prompt.length, maxLength: this.config.maxLength, beams })
      : { needed: 'coldItems=0 and decoding=constrained' };
  }

  allowedInputs(): Specs {
    return {};
  }

  randomInputs(shape: BatchShape): RandomInputs {
    return this.language.randomInputs(shape);
  }

  sourceInputs({ rows, length }: BatchShape): Specs {
    const source = this.sourceLength(length);
    return { tokens: int32(rows, source), present: float32(rows, source) };
  }

  #frozen(inputs: Tensors): Tensors {
    const given = Object.keys(this.persistent?.specs ?? {}).filter((name) => inputs[name]);
    return Object.fromEntries(given.map((name) => [name, inputs[name]]));
  }

  /** Vectors of ids, words and codes alike: int32 [rows, length] -> [rows, length, dim] */
  #embed(parameters: Tensors, ids: Tensor): Tensor {
    const first = tf.scalar(this.firstCode, 'int32');
    const last = tf.scalar(this.firstCode - 1, 'int32');
    const words = this.language.embed(parameters, tf.minimum(ids, last));
    const codes = gatherRows(parameters[ROWS], tf.maximum(tf.sub(ids, first), tf.scalar(0, 'int32')));
    const isCode = tf.expandDims(tf.cast(tf.greaterEqual(ids, first), 'float32'), 2);
    return tf.add(tf.mul(codes, isCode), tf.mul(words, tf.sub(1, isCode)));
  }

  #codeHead(parameters: Tensors): Tensor {
    return parameters[HEAD] ?? parameters[ROWS];
  }

  /** Mean cross-entropy of the weighted tokens over all words and codes; inputs are those of packed rows. */
  loss(parameters: Tensors, inputs: Tensors): Tensor {
    const all = { ...parameters, ...this.#frozen(inputs) };
    const { states } = this.language.stages(all, inputs, undefined, this.#embed(all, inputs.ids));
    const [places, targets, weights] = [inputs.places, inputs.targets, inputs.weights].map((x) =>
      tf.reshape(x, [-1]),
    );
    const [words, codes] = [this.language.head(all), this.#codeHead(all)];
    const picked = gatherRows(tf.reshape(states, [-1, this.#options.sizes.dim]), places);
    // Under adapters words are only read: no gradient of theirs is computed.
    return this.persistent
      ? catalogueCrossEntropy(picked, codes, targets, weights, { before: words })
      : catalogueCrossEntropy(picked, tf.concat([words, codes], 0), targets, weights);
  }

  /** The source: keys and values of every block, and the state at its last token, [rows, dim]. */
  readSource(parameters: Tensors, { tokens, present }: Tensors): ReadSource {
    const [rows, source] = tokens.shape as [number, number];
    const { prompt, sizes } = this.#options;
    const ofPrompt = tf.tensor(
      [...prompt, ...Array<number>(source - prompt.length).fill(0)],
      [1, source],
      'int32',
    );
    const isCode = tf.cast(tf.greater(tokens, tf.scalar(0, 'int32')), 'int32');
    const codes = tf.mul(tf.add(tokens, tf.scalar(this.firstCode - 1, 'int32')), isCode);
    const ids = tf.add(codes, tf.mul(ofPrompt, tf.sub(tf.scalar(1, 'int32'), isCode)));
    const positions = tf.tile(tf.reshape(range(source), [1, source]), [rows, 1]);
    const segments = tf.cast(present, 'int32');
    const keys: SourceKeys[] = [];
    const { states } = this.language.stages(
      parameters,
      { ids, positions, segments },
      this.language.withinSegments(segments, (key, value) => keys.push({ key, value })),
      this.#embed(parameters, ids),
    );
    const lengths = tf.cast(tf.sum(present, 1), 'int32');
    const last = gatherRows(tf.reshape(states, [rows * source, sizes.dim]), lastIndices(lengths, source));
    return { keys, last };
  }

  /**
   * What follows the first tokens of IDs: codes int32 [rows * IDs, depth] as of `TokenLevels`, behind a source a row and the tokens
   * whose keys and values are `past`, if any.
   */
  readCodes(
    parameters: Tensors,
    codes: Tensor,
    { keys, present, past }: { keys: readonly SourceKeys[]; present: Tensor; past?: readonly SourceKeys[] },
  ): ReadCodes {
    const [sequences, depth] = codes.shape as [number, number];
    const [rows, source] = present.shape as [number, number];
    const each = sequences / rows;
    const before = past?.[0].key.shape[2] ?? 0;
    const ids = tf.add(codes, tf.scalar(this.firstCode - 1, 'int32'));
    const lengths = tf.reshape(tf.cast(tf.add(tf.sum(present, 1), before), 'int32'), [rows, 1, 1]);
    const places = tf.add(tf.tile(lengths, [1, each, depth]), tf.reshape(range(depth), [1, 1, depth]));
    const positions = tf.reshape(places, [sequences, depth]);
    const { heads } = this.#options.sizes;
    const absent = tf.reshape(tf.mul(tf.sub(1, present), MASKED), [rows, 1, 1, source]);
    const own: SourceKeys[] = [];
    const { states } = this.language.stages(
      parameters,
      { ids, positions },
      (q, k, v, block) => {
        const dim = q.shape[3] as number;
        const window = this.language.windowOf(block);
        const scaled = tf.mul(q, 1 / Math.sqrt(dim));
        own.push({ key: behind(past?.[block].key, k), value: behind(past?.[block].value, v) });
        const ownKeys = this.language.repeated(own[block].key);
        const ownValues = this.language.repeated(own[block].value);
        // The sequences of a row side by side, since its source is read once for all of them, and back.
        const byRow = (x: Tensor, width: number) =>
          swapped(x, [rows, each, heads, depth, width], [rows, heads, each * depth, width]);
        const bySequence = (x: Tensor, width: number) =>
          swapped(x, [rows, heads, each, depth, width], [sequences, heads, depth, width]);
        const [key, value] = [keys[block].key, keys[block].value].map((x) => this.language.repeated(x));
        const found = tf.add(tf.matMul(byRow(scaled, dim), key, false, true), absent);
        const ofRow = bySequence(found, source);
        const seen = window === null ? ofRow : tf.add(ofRow, beyond(positions, source, window));
        const ofSelf = tf.add(tf.matMul(scaled, ownKeys, false, true), later(depth, before));
        const parts = tf.softmax(tf.concat([seen, ofSelf], 3));
        const [ofSource, ofOwn] = tf.split(parts, [source, before + depth], 3);
        const fromSource = tf.matMul(byRow(ofSource, source), value);
        return tf.add(bySequence(fromSource, dim), tf.matMul(ofOwn, ownValues));
      },
      this.#embed(parameters, ids),
    );
    return { states, own };
  }

  /** Logits of a level's codes: states [n, dim] -> [n, codes] */
  codeLogits(parameters: Tensors, states: Tensor, level: number, open?: Tensor): Tensor {
    const { starts, sizes } = this.tokens;
    const rows = tf.slice(
      this.#codeHead(parameters),
      [starts[level] - 1, 0],
      [sizes[level], this.#options.sizes.dim],
    );
    const logits = tf.matMul(states, rows, false, true);
    return open ? tf.add(logits, tf.mul(tf.sub(1, tf.cast(open, 'float32')), MASKED)) : logits;
  }

  levelLogits(parameters: Tensors, inputs: Tensors): Tensor[] {
    const all = { ...parameters, ...this.#frozen(inputs) };
    return this.logitsAfter(all, this.readSource(all, inputs), inputs);
  }

  /** The same after a source that has been read: `present`, `decoderTokens` and what continues each prefix are of `inputs`. */
  logitsAfter(parameters: Tensors, { keys, last }: ReadSource, inputs: Tensors): Tensor[] {
    const { dim } = this.#options.sizes;
    const [sequences] = inputs.decoderTokens.shape as [number, number];
    const rows = last.shape[0] as number;
    const first = tf.reshape(tf.tile(tf.reshape(last, [rows, 1, dim]), [1, sequences / rows, 1]), [
      sequences,
      dim,
    ]);
    const depth = this.levels - 1;
    // What is not there is read as the first code, and counts for nothing.
    const codes = tf.maximum(tf.slice(inputs.decoderTokens, [0, 1], [-1, depth]), tf.scalar(1, 'int32'));
    const { present } = inputs;
    const states = depth > 0 ? this.readCodes(parameters, codes, { keys, present }).states : null;
    return Array.from({ length: this.levels }, (_, level) => {
      const of =
        level === 0 || !states
          ? first
          : tf.reshape(tf.slice(states, [0, level - 1, 0], [-1, 1, dim]), [sequences, dim]);
      return this.codeLogits(parameters, of, level, inputs[allowedInput(level)]);
    });
  }

  predictedTokens(parameters: Tensors, inputs: Tensors): Tensor {
    const best = this.levelLogits(parameters, inputs).map((logits, level) =>
      tf.reshape(tf.add(tf.argMax(logits, 1), tf.scalar(this.tokens.starts[level], 'int32')), [-1, 1]),
    );
    return tf.concat(best, 1);
  }

  /** The rows of codes by name, for other values than random ones. */
  codeRows(rows: Float32Array, head: Float32Array | null): HostArrays {
    return { [ROWS]: rows, ...(head ? { [HEAD]: head } : {}) };
  }
}

/** x as it is in five axes, the second and third of them swapped, in the shape that is asked. */
const swapped = (x: Tensor, axes: [number, number, number, number, number], shape: number[]): Tensor =>
  tf.reshape(tf.transpose(tf.reshape(x, axes), [0, 2, 1, 3, 4]), shape);

/** Keys or values [sequences, heads, n, width] behind those of the tokens before, if any. */
const behind = (before: Tensor | undefined, x: Tensor): Tensor => (before ? tf.concat([before, x], 2) : x);

/** Hides what comes after each of so many positions, behind some that all see: [depth, before + depth] */
function later(depth: number, before: number): Tensor {
  const width = before + depth;
  const cells = Array.from({ length: depth * width }, (_, at) =>
    (at % width) - before > Math.floor(at / width) ? MASKED : 0,
  );
  return tf.tensor(cells, [depth, width]);
}

/** Hides the places of a source that a window leaves out: positions [sequences, depth] -> [sequences, 1, depth, source] */
function beyond(positions: Tensor, source: number, window: number): Tensor {
  const [sequences, depth] = positions.shape as [number, number];
  const own = tf.reshape(positions, [sequences, 1, depth, 1]);
  const isHidden = tf.lessEqual(
    tf.reshape(range(source), [1, 1, 1, source]),
    tf.sub(own, tf.scalar(window, 'int32')),
  );
  return tf.mul(tf.cast(isHidden, 'float32'), MASKED);
}

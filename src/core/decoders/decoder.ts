/** A decoder-only language model in the layout of Llama, for training on packed rows of tokens. */
import type { Tensor } from '@tensorflow/tfjs';
import {
  dropout,
  float32,
  gatherRows,
  int32,
  recomputed,
  type Specs,
  type Tensors,
  takeAlongRows,
} from '../engine/index.ts';
import * as tf from '../engine/tf.ts';
import {
  bindMasks,
  bindTree,
  catalogueCrossEntropy,
  causalAttention,
  type DecoderMatrix,
  type DecoderWidths,
  decoderBlock,
  decoderMatrices,
  decoderSpecs,
  dropoutMask,
  linear,
  namedLeaves,
  ones,
  type ParameterSpecs,
  parameter,
  type RandomInputs,
  type Rotations,
  repeatHeads,
  rmsNorm,
  ropeAngles,
  rotate,
  rotationsAt,
  type TensorTree,
  zeros,
} from '../layers/index.ts';
import type { BatchShape, CustomBatchKind, StepModel } from '../training/step-model.ts';
import { balanceLoss, type Experts, type Routing, routingOf, weighed } from './experts.ts';

/** All that says how a checkpoint is computed. */
export interface DecoderConfig extends DecoderWidths {
  vocabulary: number;
  blocks: number;
  /** Whether the embedding table is the output layer, too. */
  tiedHead: boolean;
  ropeTheta: number;
  /** Radians a position of each pair of a head, where they do not follow from `ropeTheta`. */
  ropeAngles?: readonly number[];
  normEpsilon: number;
  /** Longest row of tokens. */
  context: number;
  /** Matrices of a block that add a bias. Default: none. */
  biases?: readonly DecoderMatrix[];
  /** Whether queries and keys of each head are RMS-normalised before they turn (Qwen3). */
  headNorms?: boolean;
  /** Places that a token sees in each block, its own the last; null for all. Default: all. */
  windows?: readonly (number | null)[];
  /** Feed-forward layers beside each other, of which a router chooses for every token. */
  experts?: Experts;
}

/** Low-rank changes to frozen matrices (Hu et al. 2022): W + alpha / rank * A B. */
export interface Adapters {
  rank: number;
  alpha: number;
  /** The matrices that have one, in every block. */
  targets: readonly DecoderMatrix[];
}

/** As in GPT-2 (Radford et al. 2019), whose blocks are as deep as these: matrices that add to the residual start smaller. */
const INIT_STD = 0.02;

const ADDING = new Set<DecoderMatrix>(['out', 'down']);

/** Widths of a block: experts are one feed-forward layer as wide as all of them. */
const widthsOf = (config: DecoderConfig): DecoderWidths => ({
  ...config,
  ffnDim: config.ffnDim * (config.experts?.count ?? 1),
});

/** The parameters of a whole checkpoint; `adapters` adds theirs to every matrix that they are of. */
function decoderTree(config: DecoderConfig, adapters: Adapters | null) {
  const { vocabulary, dim, blocks, tiedHead } = config;
  const normal = { kind: 'normal', std: INIT_STD } as const;
  const residual = { kind: 'normal', std: INIT_STD / Math.sqrt(2 * blocks) } as const;
  const matrix = (inner: number, outer: number, name: DecoderMatrix) => ({
    weight: parameter([inner, outer], ADDING.has(name) ? residual : normal),
    bias: config.biases?.includes(name) ? parameter([outer], zeros) : undefined,
    adapter: adapters?.targets.includes(name) ? adapterSpecs(inner, outer, adapters) : undefined,
  });
  const headNorm = config.headNorms ? { scale: parameter([config.headDim], ones) } : undefined;
  const router = config.experts && { weight: parameter([dim, config.experts.count], normal) };
  return {
    embedding: parameter([vocabulary, dim], normal),
    blocks: Array.from({ length: blocks }, () => ({
      ...decoderSpecs(widthsOf(config), matrix),
      ...{ queryNorm: headNorm, keyNorm: headNorm, router },
    })),
    finalNorm: { scale: parameter([dim], ones) },
    head: tiedHead ? undefined : parameter([vocabulary, dim], normal),
  };
}

function adapterSpecs(inner: number, outer: number, { rank }: Adapters) {
  const down = { kind: 'normal', std: 1 / Math.sqrt(inner) } as const;
  return { a: parameter([inner, rank], down), b: parameter([rank, outer], zeros) };
}

/** Every parameter of a whole checkpoint. */
export function decoderParameters(config: DecoderConfig): ParameterSpecs {
  return namedLeaves(decoderTree(config, null));
}

/** The trained parameters under adapters. */
export function adapterParameters(config: DecoderConfig, adapters: Adapters): ParameterSpecs {
  const matrix = (inner: number, outer: number, name: DecoderMatrix) => ({
    adapter: adapters.targets.includes(name) ? adapterSpecs(inner, outer, adapters) : undefined,
  });
  const blocks = Array.from({ length: config.blocks }, () => decoderMatrices(widthsOf(config), matrix));
  return namedLeaves({ blocks });
}

type BoundDecoder = TensorTree<ReturnType<typeof decoderTree>>;
type BoundMatrix = BoundDecoder['blocks'][number]['out'];

/** Host inputs of a row of packed sequences; segment 0 is padding. */
function packedInputs({ rows, length }: BatchShape): Specs {
  const cells = int32(rows, length);
  return { ids: cells, segments: cells, positions: cells };
}

/** What is trained on. */
function supervisedInputs(rows: number, supervised: number): Specs {
  const cells = int32(rows, supervised);
  return { places: cells, targets: cells, weights: float32(rows, supervised) };
}

export interface DecoderOptions {
  adapters?: Adapters | null;
  dropout?: number;
  /** Most tokens of a row that are trained on. Default: all of them. */
  supervised?: number;
  /** The backward pass makes each block again: a forward pass more, and the memory of one block. */
  recompute?: boolean;
}

/** What a block is computed with besides its parameters. */
interface BlockPlace {
  index: number;
  rotations: Rotations;
  masks: readonly Tensor[] | undefined;
  attend: DecoderAttention;
  /** What the routers decided, in order; each block with experts adds its own. */
  routings: Routing[];
}

/** Every stage of the computation, [rows, length, dim] each. */
export interface DecoderStages {
  embedding: Tensor;
  blocks: Tensor[];
  /** After the final norm. */
  states: Tensor;
  /** Of each block with experts. */
  routings: Routing[];
}

/** Rotated queries and keys, and values, each [rows, heads, length, dim of a head] -> as the queries. */
export type DecoderAttention = (query: Tensor, key: Tensor, value: Tensor, block: number) => Tensor;

/**
 * Inputs: `ids`, `segments`, `positions` int32 [rows, length] of packed sequences (attention and positions start over with
 * each segment), and for training `places` int32 [rows, supervised] (flat cells whose next token is trained on), `targets` int32
 * (that token) and `weights` float32 of the same shape, 0 where a row has fewer. Only places pay for the output layer.
 */
export class Decoder implements StepModel {
  readonly config: DecoderConfig;
  readonly parameters: ParameterSpecs;
  /** The frozen checkpoint under adapters; it is only read. */
  readonly persistent?: { specs: ParameterSpecs };
  readonly batches: CustomBatchKind = {
    kind: 'custom',
    inputs: ({ rows, length }) => ({
      ...packedInputs({ rows, length }),
      ...supervisedInputs(rows, this.supervised ?? length),
    }),
  };
  /** Most tokens of a row that are trained on; undefined for all of them. */
  readonly supervised?: number;
  readonly #adapters: Adapters | null;
  readonly #tree: ReturnType<typeof decoderTree>;
  readonly #dropout: number;
  readonly #recomputes: boolean;

  constructor(config: DecoderConfig, options: DecoderOptions = {}) {
    const { adapters = null, dropout: rate = 0, supervised } = options;
    this.config = config;
    this.supervised = supervised;
    this.#adapters = adapters;
    this.#dropout = rate;
    // What the routers decided is read from the forward pass.
    this.#recomputes = options.recompute === true && !config.experts;
    const whole = decoderParameters(config);
    this.#tree = decoderTree(config, adapters);
    this.parameters = adapters ? adapterParameters(config, adapters) : whole;
    if (adapters) this.persistent = { specs: whole };
  }

  /** Two for every block: of what attention adds, and the feed-forward layer. */
  #masks({ rows, length }: BatchShape) {
    const { blocks, dim } = this.config;
    const mask = dropoutMask(this.#dropout, rows, length, dim);
    return Array.from({ length: blocks }, () => [mask, mask]);
  }

  randomInputs(shape: BatchShape): RandomInputs {
    return this.#dropout === 0 ? {} : namedLeaves(this.#masks(shape), 'mask');
  }

  loss(parameters: Tensors, inputs: Tensors, _shape: BatchShape): Tensor {
    const all = { ...parameters, ...this.#frozen(inputs) };
    const { states, routings } = this.stages(all, inputs);
    const flat = tf.reshape(states, [-1, this.config.dim]);
    const [places, targets, weights] = [inputs.places, inputs.targets, inputs.weights].map((x) =>
      tf.reshape(x, [-1]),
    );
    const frozen = this.persistent !== undefined;
    const picked = gatherRows(flat, places);
    const answers = catalogueCrossEntropy(picked, this.head(all), targets, weights, { frozen });
    const { experts } = this.config;
    return experts ? tf.add(answers, balanceLoss(routings, inputs.segments, experts)) : answers;
  }

  #frozen(inputs: Tensors): Tensors {
    const names = Object.keys(this.persistent?.specs ?? {});
    return Object.fromEntries(names.map((name) => [name, inputs[name]]));
  }

  /**
   * `parameters` are a whole checkpoint, with adapters where the model has them. `attend` is another attention than within
   * segments, `embedding` [rows, length, dim] other vectors than those of `ids`.
   */
  stages(
    parameters: Tensors,
    inputs: Tensors,
    attend = this.withinSegments(inputs.segments),
    embedding = this.embed(parameters, inputs.ids),
  ): DecoderStages {
    const { context, headDim, ropeTheta, ropeAngles: angles, normEpsilon } = this.config;
    const p = bindTree(this.#tree, parameters);
    const [rows, length] = embedding.shape as [number, number, number];
    const masks = bindMasks(this.#masks({ rows, length }), inputs, 'mask');
    const rotations = rotationsAt(inputs.positions, context, angles ?? ropeAngles(headDim, ropeTheta));
    const blocks: Tensor[] = [];
    const routings: Routing[] = [];
    for (let index = 0; index < this.config.blocks; index++) {
      const place = { index, rotations, masks: masks?.[index], attend, routings };
      const input = blocks.at(-1) ?? embedding;
      blocks.push(
        this.#recomputes ? this.#blockTwice(input, parameters, place) : this.#block(input, parameters, place),
      );
    }
    const states = rmsNorm(blocks.at(-1) ?? embedding, p.finalNorm.scale, normEpsilon);
    return { embedding, blocks, states, routings };
  }

  /** The vectors of tokens: int32 [rows, length] -> [rows, length, dim] */
  embed(parameters: Tensors, ids: Tensor): Tensor {
    return gatherRows(bindTree(this.#tree, parameters).embedding, ids);
  }

  #block(x: Tensor, parameters: Tensors, { index, rotations, masks, attend, routings }: BlockPlace): Tensor {
    const { heads, kvHeads, normEpsilon, experts } = this.config;
    const block = bindTree(this.#tree, parameters).blocks[index];
    return decoderBlock(x, block, {
      heads,
      kvHeads,
      normEpsilon,
      multiply: (value, matrix: BoundMatrix) => this.#multiply(value, matrix),
      drop: (added, part) => dropout(added, masks?.[part], this.#dropout),
      attend: (q, k, v) => attend(rotate(q, rotations), rotate(k, rotations), v, index),
      route: (hidden, input) => {
        if (!experts || !block.router) return hidden;
        const routing = routingOf(linear(input, block.router.weight), experts);
        routings.push(routing);
        return weighed(hidden, routing, experts);
      },
    });
  }

  /** The same, of which the backward pass keeps the input alone. */
  #blockTwice(x: Tensor, parameters: Tensors, place: BlockPlace): Tensor {
    const trained = Object.keys(this.parameters).filter((name) => name.startsWith(`blocks/${place.index}/`));
    const { cosines, sines } = place.rotations;
    return recomputed(
      [x, ...trained.map((name) => parameters[name])],
      [cosines, sines],
      ([input, ...values], [cosines, sines]) => {
        const own = Object.fromEntries(trained.map((name, at) => [name, values[at]]));
        return this.#block(input, { ...parameters, ...own }, { ...place, rotations: { cosines, sines } });
      },
    );
  }

  /** Each token sees those of its segment up to itself; `keep` is given the keys and values of each block, in order. */
  withinSegments(segments: Tensor, keep?: (key: Tensor, value: Tensor) => void): DecoderAttention {
    return (q, k, v, block) => {
      keep?.(k, v);
      return causalAttention(q, this.repeated(k), this.repeated(v), [], 0, segments, this.windowOf(block));
    };
  }

  /** Places that a token sees in a block, its own the last; null for all. */
  windowOf(block: number): number | null {
    return this.config.windows?.[block] ?? null;
  }

  /** Keys or values for every head. */
  repeated(x: Tensor): Tensor {
    const { heads, kvHeads } = this.config;
    return repeatHeads(x, heads / kvHeads);
  }

  #multiply(x: Tensor, { weight, bias, adapter }: BoundMatrix): Tensor {
    const product = linear(x, weight, bias);
    if (!this.#adapters || !adapter) return product;
    const { rank, alpha } = this.#adapters;
    return tf.add(product, tf.mul(linear(linear(x, adapter.a), adapter.b), alpha / rank));
  }

  /** The rows that states are multiplied with: [vocabulary, dim] */
  head(parameters: Tensors): Tensor {
    const { embedding, head } = bindTree(this.#tree, parameters);
    return head ?? embedding;
  }

  /**
   * Log-probabilities of tokens after some positions: states [.., dim], picks int32 [n] (flat positions), tokens int32
   * [n, m] -> [n, m]
   */
  logProbabilities(parameters: Tensors, states: Tensor, picks: Tensor, tokens: Tensor): Tensor {
    const flat = tf.reshape(states, [-1, this.config.dim]);
    const picked = tf.gather(flat, picks as tf.Tensor1D);
    return takeAlongRows(tf.logSoftmax(tf.matMul(picked, this.head(parameters), false, true)), tokens);
  }
}

/** Host inputs of `stages`. */
export { packedInputs };

/** A decoder-only language model in the layout of Llama, for training on packed rows of tokens. */
import type { Tensor } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import {
  dropout,
  float32,
  gatherRows,
  int32,
  type Specs,
  type Tensors,
  takeAlongRows,
} from '../../engine/index.ts';
import {
  catalogueCrossEntropy,
  causalAttention,
  type DecoderWidths,
  decoderBlock,
  decoderTables,
  linear,
  ones,
  type ParameterSpecs,
  type Projection,
  parameter,
  projectionShapes,
  type RandomInputs,
  repeatHeads,
  rmsNorm,
  rotate,
  rotationsAt,
  zeros,
} from '../../layers/index.ts';
import type { BatchShape, CustomBatchKind, StepModel } from '../../training/step-model.ts';

/** All that says how a checkpoint is computed. */
export interface DecoderConfig extends DecoderWidths {
  vocabulary: number;
  blocks: number;
  /** Whether the embedding table is the output layer, too. */
  tiedHead: boolean;
  ropeTheta: number;
  normEpsilon: number;
  /** Longest row of tokens. */
  context: number;
}

/** Low-rank changes to frozen matrices (Hu et al. 2022): W + alpha / rank * A B. */
export interface Adapters {
  rank: number;
  alpha: number;
}

/** As in GPT-2 (Radford et al. 2019), whose blocks are as deep as these: matrices that add to the residual start smaller. */
const INIT_STD = 0.02;

const adapted: Projection[] = ['query', 'key', 'value', 'out', 'ffn/gate', 'ffn/up', 'ffn/down'];

/** Every parameter of a whole checkpoint. */
export function decoderParameters(config: DecoderConfig): ParameterSpecs {
  const { vocabulary, dim, blocks, tiedHead } = config;
  const normal = { kind: 'normal', std: INIT_STD } as const;
  const residual = { kind: 'normal', std: INIT_STD / Math.sqrt(2 * blocks) } as const;
  const init = (name: Projection) => (name === 'out' || name === 'ffn/down' ? residual : normal);
  const tables = Array.from({ length: blocks }, (_, block) => decoderTables(`blocks/${block}`, config, init));
  return {
    embedding: parameter([vocabulary, dim], normal),
    ...Object.assign({}, ...tables),
    'final-norm/scale': parameter([dim], ones),
    ...(tiedHead ? {} : { head: parameter([vocabulary, dim], normal) }),
  };
}

function adapterParameters(config: DecoderConfig, { rank }: Adapters): ParameterSpecs {
  const shapes = projectionShapes(config);
  const specs: Record<string, ParameterSpecs[string]> = {};
  for (let block = 0; block < config.blocks; block++) {
    for (const name of adapted) {
      const [inner, outer] = shapes[name];
      const down = { kind: 'normal', std: 1 / Math.sqrt(inner) } as const;
      specs[`blocks/${block}/${name}/adapter/a`] = parameter([inner, rank], down);
      specs[`blocks/${block}/${name}/adapter/b`] = parameter([rank, outer], zeros);
    }
  }
  return specs;
}

/** Host inputs of a row of packed sequences; segment 0 is padding. */
function packedInputs({ rows, length }: BatchShape): Specs {
  const cells = int32(rows, length);
  return { ids: cells, segments: cells, positions: cells };
}

/** What is learnt of it. */
function learntInputs(rows: number, learnt: number): Specs {
  const cells = int32(rows, learnt);
  return { places: cells, targets: cells, weights: float32(rows, learnt) };
}

export interface DecoderOptions {
  adapters?: Adapters | null;
  dropout?: number;
  /** Most tokens of a row that are learnt. Default: all of them. */
  learnt?: number;
}

/** Every stage of the computation, [rows, length, dim] each. */
export interface DecoderStages {
  embedding: Tensor;
  blocks: Tensor[];
  /** After the final norm. */
  states: Tensor;
}

/**
 * Inputs: `ids`, `segments`, `positions` int32 [rows, length] of packed sequences (attention and positions begin anew with
 * each segment), and for training `places` int32 [rows, learnt] (flat cells whose next token is learnt), `targets` int32 (that token) and
 * `weights` float32 of the same shape, 0 where fewer are learnt. Only places pay for the output layer.
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
      ...learntInputs(rows, this.learnt ?? length),
    }),
  };
  /** Most tokens of a row that are learnt; undefined for all of them. */
  readonly learnt?: number;
  readonly #adapters: Adapters | null;
  readonly #dropout: number;

  constructor(config: DecoderConfig, options: DecoderOptions = {}) {
    const { adapters = null, dropout: rate = 0, learnt } = options;
    this.config = config;
    this.learnt = learnt;
    this.#adapters = adapters;
    this.#dropout = rate;
    const whole = decoderParameters(config);
    this.parameters = adapters ? adapterParameters(config, adapters) : whole;
    if (adapters) this.persistent = { specs: whole };
  }

  randomInputs({ rows, length }: BatchShape): RandomInputs {
    if (this.#dropout === 0) return {};
    const { blocks, dim } = this.config;
    const spec = { shape: [rows, length, dim], dtype: 'bool' } as const;
    const mask = { kind: 'mask', spec, rate: this.#dropout } as const;
    const names = Array.from({ length: blocks }, (_, block) => [`mask/${block}/0`, `mask/${block}/1`]).flat();
    return Object.fromEntries(names.map((name) => [name, mask]));
  }

  loss(parameters: Tensors, inputs: Tensors, _shape: BatchShape): Tensor {
    const all = { ...parameters, ...this.#frozen(inputs) };
    const { states } = this.stages(all, inputs);
    const flat = tf.reshape(states, [-1, this.config.dim]);
    const [places, targets, weights] = [inputs.places, inputs.targets, inputs.weights].map((x) =>
      tf.reshape(x, [-1]),
    );
    return catalogueCrossEntropy(gatherRows(flat, places), this.head(all), targets, weights);
  }

  #frozen(inputs: Tensors): Tensors {
    const names = Object.keys(this.persistent?.specs ?? {});
    return Object.fromEntries(names.map((name) => [name, inputs[name]]));
  }

  /** `parameters` are a whole checkpoint, with adapters where the model has them. */
  stages(parameters: Tensors, inputs: Tensors): DecoderStages {
    const { context, headDim, ropeTheta, blocks: count, heads, kvHeads } = this.config;
    const { positions, segments } = inputs;
    const turns = rotationsAt(positions, context, headDim, ropeTheta);
    const embedding = gatherRows(parameters.embedding, inputs.ids);
    const blocks: Tensor[] = [];
    for (let index = 0; index < count; index++) {
      const drop = (added: Tensor, part: 0 | 1) =>
        dropout(added, inputs[`mask/${index}/${part}`], this.#dropout);
      const block = this.block(parameters, blocks.at(-1) ?? embedding, index, {
        drop,
        attend: (q, k, v) => {
          const [keys, values] = [rotate(k, turns), v].map((x) => repeatHeads(x, heads / kvHeads));
          return causalAttention(rotate(q, turns), keys, values, [], 0, segments);
        },
      });
      blocks.push(block);
    }
    return { embedding, blocks, states: this.finish(parameters, blocks.at(-1) ?? embedding) };
  }

  /** One block with an attention of the caller's. */
  block(
    parameters: Tensors,
    x: Tensor,
    index: number,
    { attend, drop }: Pick<Parameters<typeof decoderBlock>[1], 'attend' | 'drop'>,
  ): Tensor {
    const { heads, kvHeads, normEpsilon } = this.config;
    const at = `blocks/${index}`;
    return decoderBlock(x, {
      ...{ heads, kvHeads, normEpsilon, attend, drop },
      project: (value, name) => this.#project(parameters, value, `${at}/${name}`),
      scale: (norm) => parameters[`${at}/norm/${norm}/scale`],
    });
  }

  #project(parameters: Tensors, x: Tensor, at: string): Tensor {
    const product = linear(x, parameters[`${at}/weight`]);
    if (!this.#adapters) return product;
    const { rank, alpha } = this.#adapters;
    const low = linear(linear(x, parameters[`${at}/adapter/a`]), parameters[`${at}/adapter/b`]);
    return tf.add(product, tf.mul(low, alpha / rank));
  }

  /** The states before the output layer. */
  finish(parameters: Tensors, x: Tensor): Tensor {
    return rmsNorm(x, parameters['final-norm/scale'], this.config.normEpsilon);
  }

  /** The rows that states are multiplied with: [vocabulary, dim] */
  head(parameters: Tensors): Tensor {
    return this.config.tiedHead ? parameters.embedding : parameters.head;
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

/** A checkpoint with its adapters worked into the matrices; values by parameter name. */
export function mergeAdapters(
  config: DecoderConfig,
  { rank, alpha }: Adapters,
  values: Readonly<Record<string, Float32Array>>,
): Record<string, Float32Array> {
  const shapes = projectionShapes(config);
  const merged: Record<string, Float32Array> = {};
  for (const name of Object.keys(decoderParameters(config))) merged[name] = values[name].slice();
  for (let block = 0; block < config.blocks; block++) {
    for (const name of adapted) {
      const at = `blocks/${block}/${name}`;
      const [inner, outer] = shapes[name];
      const [a, b, weight] = [values[`${at}/adapter/a`], values[`${at}/adapter/b`], merged[`${at}/weight`]];
      for (let i = 0; i < inner; i++) {
        for (let k = 0; k < rank; k++) {
          const factor = (a[i * rank + k] * alpha) / rank;
          for (let j = 0; j < outer; j++) weight[i * outer + j] += factor * b[k * outer + j];
        }
      }
    }
  }
  return merged;
}

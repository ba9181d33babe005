import type { Tensor } from '@tensorflow/tfjs';
import { z } from 'zod';
import { contentFields } from '../../../content/index.ts';
import { float32, type HostArrays, l2Normalize, type Specs, type Tensors } from '../../../engine/index.ts';
import * as tf from '../../../engine/tf.ts';
import {
  bindMasks,
  bindTree,
  mlp,
  namedLeaves,
  type ParameterSpecs,
  parameter,
  type Quantised,
  quantisationLosses,
  quantiseResidually,
  type RandomInputs,
  xavierNormal,
  zeros,
} from '../../../layers/index.ts';
import type { SinkhornOptions } from '../../../math/sinkhorn.ts';
import { field, widthsOf } from '../../../training/config.ts';
import { Codebooks } from '../codebooks.ts';
import {
  type TokenisedRows,
  type TokeniserSizes,
  type TokeniserView,
  type TrainableTokeniser,
  tokeniser,
} from '../tokeniser.ts';
import { codebookFields, tokeniserTrainingFields } from '../tokeniser-config.ts';

/** Rows shorter than this keep their length where rows are normalised. */
const NORM_EPSILON = 1e-12;

export const rqVaeFields = {
  levels: field.positiveInt('Codes of an ID').default(3),
  codes: field.positiveInt('Codes to choose from on each level').default(256),
  latentDim: field.positiveInt("Width of the encoder's output and of the codebooks").default(32),
  hidden: field
    .widths("Widths of the encoder's hidden layers, as in 512,256,128; the decoder mirrors them")
    .default('512,256,128'),
  biases: z.boolean().describe('Layers of encoder and decoder have biases').default(true),
  commitment: z.number().nonnegative().describe('Weight of the commitment loss (beta)').default(0.25),
  lossScale: z
    .enum(['sum', 'mean'])
    .describe('Squared errors of a row are summed, or their means taken, over dimensions and levels')
    .default('sum'),
  estimator: z
    .enum(['straight-through', 'rotation', 'gumbel-softmax'])
    .describe('How gradients pass the choice of a code')
    .default('straight-through'),
  crossing: z
    .enum(['once', 'each-level'])
    .describe(
      'Where gradients pass it: from the sum of the vectors to the latent, or level by level as in released code, ' +
        'where only the first level commits under straight-through',
    )
    .default('once'),
  temperature: field.positive('Temperature of gumbel-softmax at the start').default(0.2),
  temperatureEnd: field.positive('Temperature at the last step; it falls geometrically').default(0.2),
  normaliseLatent: z.boolean().describe("The encoder's output has length 1").default(false),
  normaliseCodebooks: z
    .enum(['none', 'first', 'all'])
    .describe('Levels whose vectors have length 1')
    .default('none'),
  normaliseReconstruction: z
    .boolean()
    .describe("The decoder's output has length 1, binary columns apart")
    .default(false),
  binaryColumns: field
    .nonNegativeInt('Last content columns that are 0 or 1: reconstructed as logits, by cross-entropy')
    .default(0),
  sinkhorn: z
    .enum(['none', 'last', 'all'])
    .describe('Levels whose codes are balanced in training, so that a batch uses all alike')
    .default('none'),
  sinkhornEpsilon: field.positive('Entropy weight of the balancing').default(0.003),
  sinkhornIterations: field.positiveInt('Iterations of the balancing').default(50),
} as const;

export const rqVaeModelSchema = z.object(rqVaeFields);
export type RqVaeModelConfig = z.output<typeof rqVaeModelSchema>;

/** Encoder, its mirror, and each level's vectors [codes, latentDim]. */
function parameterTree({ levels, codes, latentDim, hidden, biases }: RqVaeModelConfig, dim: number) {
  const dims = [dim, ...widthsOf(hidden), latentDim];
  const layers = (widths: readonly number[]) =>
    widths.slice(1).map((outer, layer) => ({
      weight: parameter([widths[layer], outer], xavierNormal),
      bias: biases ? parameter([outer], zeros) : undefined,
    }));
  const codebook = parameter([codes, latentDim], { kind: 'uniform', limit: 1 / codes });
  return {
    encoder: layers(dims),
    decoder: layers(dims.toReversed()),
    codebook: Array.from({ length: levels }, () => codebook),
  };
}

/**
 * Residual-quantised variational autoencoder of item content (Zeghidour et al. 2021; Lee et al. 2022), as TIGER uses it
 * for Semantic IDs (Rajput et al. 2023, section 3.1).
 */
export class RqVae implements TrainableTokeniser {
  readonly training = 'steps';
  readonly parameters: ParameterSpecs;
  readonly codebookSizes: readonly number[];
  readonly schedules: Specs;
  readonly codebooks: Codebooks;
  readonly #config: RqVaeModelConfig;
  readonly #tree: ReturnType<typeof parameterTree>;

  /** @throws Error where binaryColumns are more than the content has */
  constructor(config: RqVaeModelConfig, { dim }: Pick<TokeniserSizes, 'dim'>) {
    const { levels, codes, binaryColumns, estimator, normaliseCodebooks } = config;
    if (binaryColumns > dim) throw new Error(`${binaryColumns} binary columns of content that has ${dim}`);
    this.#config = config;
    this.#tree = parameterTree(config, dim);
    this.parameters = namedLeaves(this.#tree);
    this.codebookSizes = Array<number>(levels).fill(codes);
    this.codebooks = new Codebooks(
      Object.keys(namedLeaves({ codebook: this.#tree.codebook })),
      this.codebookSizes,
      (level) => normaliseCodebooks === 'all' || (normaliseCodebooks === 'first' && level === 0),
    );
    this.schedules = estimator === 'gumbel-softmax' ? { temperature: float32() } : {};
  }

  get latentDim(): number {
    return this.#config.latentDim;
  }

  schedule(progress: number): HostArrays {
    const { estimator, temperature, temperatureEnd } = this.#config;
    if (estimator !== 'gumbel-softmax') return {};
    return { temperature: Float32Array.of(temperature * (temperatureEnd / temperature) ** progress) };
  }

  /** Noise of gumbel-softmax, by level. */
  #noise(rows: number) {
    const { levels, codes } = this.#config;
    return Array.from({ length: levels }, () => ({ kind: 'uniform', spec: float32(rows, codes) }) as const);
  }

  randomInputs(rows: number): RandomInputs {
    return this.#config.estimator === 'gumbel-softmax' ? namedLeaves(this.#noise(rows), 'gumbel') : {};
  }

  /** content [rows, dim] -> latent [rows, latentDim] */
  encode(parameters: Tensors, content: Tensor): Tensor {
    const latent = mlp(content, bindTree(this.#tree, parameters).encoder, { activateLast: false });
    return this.#config.normaliseLatent ? l2Normalize(latent, NORM_EPSILON) : latent;
  }

  /** latent [rows, latentDim] -> content [rows, dim], before any normalisation */
  decode(parameters: Tensors, latent: Tensor): Tensor {
    return mlp(latent, bindTree(this.#tree, parameters).decoder, { activateLast: false });
  }

  /** Codes and vectors of latents; of training steps where their inputs are given, else the nearest codes. */
  quantise(parameters: Tensors, latent: Tensor, training?: Tensors): Quantised {
    const { estimator, crossing } = this.#config;
    const codebooks = bindTree(this.#tree, parameters).codebook.map((vectors, level) =>
      this.codebooks.isUnit(level) ? l2Normalize(vectors, NORM_EPSILON) : vectors,
    );
    if (!training) {
      const sinkhorn = codebooks.map(() => null);
      return quantiseResidually(latent, codebooks, { estimator: 'straight-through', crossing, sinkhorn });
    }
    const { temperature } = training;
    const uniform = bindMasks(this.#noise(latent.shape[0]), training, 'gumbel');
    const noise = uniform ? { uniform: [...uniform], temperature } : undefined;
    const sinkhorn = codebooks.map((_, level) => this.#balance(level));
    return quantiseResidually(latent, codebooks, { estimator, crossing, sinkhorn, noise });
  }

  #balance(level: number): SinkhornOptions | null {
    const { sinkhorn, sinkhornEpsilon: epsilon, sinkhornIterations: iterations, levels } = this.#config;
    const balanced = sinkhorn === 'all' || (sinkhorn === 'last' && level === levels - 1);
    return balanced ? { epsilon, iterations } : null;
  }

  view(parameters: Tensors, inputs: Tensors): TokeniserView {
    const { commitment: weight, lossScale, latentDim, levels } = this.#config;
    const { content } = inputs;
    const dim = content.shape[1] as number;
    const quantised = this.quantise(parameters, this.encode(parameters, content), inputs);
    const decoded = this.decode(parameters, quantised.sum);
    const losses = quantisationLosses(quantised);
    const scales = lossScale === 'sum' ? [1, 1] : [1 / dim, 1 / (latentDim * levels)];
    const reconstruction = tf.mul(tf.mean(this.reconstructionErrors(decoded, content)), scales[0]);
    const commitment = tf.mul(tf.mean(losses.commitment), scales[1]);
    const codebook = tf.mul(tf.mean(losses.codebook), scales[1]);
    const loss = tf.add(reconstruction, tf.add(codebook, tf.mul(commitment, weight)));
    return { loss, reports: { reconstruction, commitment }, quantised };
  }

  tokenise(parameters: Tensors, content: Tensor): TokenisedRows {
    const latents = this.encode(parameters, content);
    const { codes, sum } = this.quantise(parameters, latents);
    const errors = this.reconstructionErrors(this.decode(parameters, sum), content);
    return {
      codes: tf.concat(
        codes.map((level) => tf.expandDims(level, 1)),
        1,
      ),
      latents,
      errors,
    };
  }

  /** The decoder's output as it is compared with the content: [rows, dim], binary columns as logits. */
  reconstruction(decoded: Tensor): Tensor {
    const [numbers, logits] = this.#columns(decoded);
    const compared = this.#config.normaliseReconstruction ? l2Normalize(numbers, NORM_EPSILON) : numbers;
    return logits ? tf.concat([compared, logits], 1) : compared;
  }

  /** Of decoder outputs: squared errors, and cross-entropies of binary columns, summed: [rows]. */
  reconstructionErrors(decoded: Tensor, content: Tensor): Tensor {
    const [numbers, logits] = this.#columns(this.reconstruction(decoded));
    const [targets, labels] = this.#columns(content);
    const squares = tf.sum(tf.square(tf.sub(numbers, targets)), -1);
    if (!logits || !labels) return squares;
    return tf.add(squares, tf.sum(tf.sub(tf.softplus(logits), tf.mul(logits, labels)), -1));
  }

  /** Columns of numbers, and the binary ones where there are any. */
  #columns(x: Tensor): [Tensor, Tensor?] {
    const { binaryColumns } = this.#config;
    if (binaryColumns === 0) return [x];
    const [rows, dim] = x.shape as [number, number];
    const numbers = dim - binaryColumns;
    return [tf.slice(x, [0, 0], [rows, numbers]), tf.slice(x, [0, numbers], [rows, binaryColumns])];
  }
}

export const rqVaeSchema = z.object({
  ...contentFields,
  ...rqVaeFields,
  ...tokeniserTrainingFields,
  ...codebookFields,
});

export const rqVae = tokeniser({
  id: 'rq-vae',
  title: 'RQ-VAE',
  summary: 'An autoencoder with a few codes inside.',
  paper: {
    title: 'Recommender Systems with Generative Retrieval',
    authors:
      'Rajput, Mehta, Singh, Keshavan, Vu, Heldt, Hong, Tay, Tran, Samost, Kula, Chi and Sathiamoorthy',
    year: 2023,
    where: 'NeurIPS 2023, arXiv:2305.05065',
  },
  essentials: ['levels', 'codes', 'content'],
  configSchema: rqVaeSchema,
  group: 'tokeniser',
  readsContent: () => true,
  sources: { vectorsFrom: 'optional' },
  build: (config, { dim }) => new RqVae(config, { dim }),
});

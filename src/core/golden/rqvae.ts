import * as tf from '@tensorflow/tfjs';
import { z } from 'zod';
import { float32, type HostArrays } from '../engine/index.ts';
import { RqVae, type RqVaeModelConfig, rqVaeModelSchema } from '../families/tokenisers/rq-vae.ts';
import { tokeniserStep } from '../families/tokenisers/training/programs.ts';
import { TokeniserStepRunner } from '../families/tokenisers/training/step-runner.ts';
import { quantisationLosses } from '../layers/index.ts';
import { lloyd } from '../math/kmeans.ts';
import { gradientsOf } from '../training/programs.ts';
import {
  asGradients,
  compareGradients,
  compareParameters,
  fixtureParameters,
  linearNames,
  load,
  onCpu,
  optimiserOf,
  optimiserSchema,
  type ParameterName,
  type Parameters,
  times,
  weightName,
} from './model-check.ts';
import {
  fixtureCheck,
  type GoldenCheck,
  type Tensor,
  tensorSchema,
  tensors,
  whole,
} from './tensor-compare.ts';

const number = z.number().optional();

const blockSchema = z.object({
  latent: tensorSchema.optional(),
  codes: tensorSchema,
  residuals: tensorSchema.optional(),
  quantised_sum: tensorSchema.optional(),
  reconstruction: tensorSchema.optional(),
  loss: z.number(),
  reconstruction_loss: number,
  rqvae_loss: number,
  codebook_loss: number,
  commitment_loss_unweighted: number,
  reconstruction_loss_per_row: tensorSchema.optional(),
  quantise_loss_per_row: tensorSchema.optional(),
  grads: tensors,
  adamw: optimiserSchema.optional(),
});

const kmeansSchema = z.object({
  config: z.object({ k: whole, d: whole, iters: whole }),
  x: tensorSchema,
  levels: z.array(
    z.object({
      initial_centroids: tensorSchema,
      /** Codes before each update of the centroids. */
      assignment_per_iteration: z.array(tensorSchema),
      centroids_after: tensorSchema,
      codes_with_final_centroids: tensorSchema,
      /** Mean squared length of what the level leaves. */
      residual_sq_mean: z.number().optional(),
    }),
  ),
});

const schema = z.object({
  config: z.object({
    input_dim: whole,
    hidden: z.array(whole),
    latent: whole,
    codebook_size: whole,
    levels: whole,
    beta: z.number(),
    n_cat_features: z.number().int().nonnegative().default(0),
    codebook_normalize: z.boolean().default(false),
  }),
  params_eb: tensors,
  params_xt: tensors.default({}),
  inputs: z.object({ x: tensorSchema }),
  eb_ste: blockSchema.optional(),
  eb_rotation: blockSchema.optional(),
  xt: blockSchema.optional(),
  xt_sinkhorn_last_level: blockSchema.optional(),
  plain_own: blockSchema.optional(),
  residual_kmeans: kmeansSchema.optional(),
});

type Fixture = z.output<typeof schema>;
type Block = z.output<typeof blockSchema>;

/** A block of the fixture: whose parameters it runs on, and the options of our model that say the same. */
interface BlockCheck extends Parameters {
  name: string;
  block: Block;
  config: RqVaeModelConfig;
}

function blocksOf(fixture: Fixture): BlockCheck[] {
  const { config, params_eb: eb, params_xt: xt } = fixture;
  const shared = {
    levels: config.levels,
    codes: config.codebook_size,
    latentDim: config.latent,
    hidden: config.hidden.join(','),
    commitment: config.beta,
  };
  const normalised = {
    normaliseLatent: config.codebook_normalize,
    normaliseCodebooks: config.codebook_normalize ? 'first' : 'none',
    normaliseReconstruction: config.n_cat_features > 0,
    binaryColumns: config.n_cat_features,
  };
  const plain = { ...shared, biases: false };
  const released = { crossing: 'each-level', ...plain, ...normalised };
  const means = { crossing: 'each-level', lossScale: 'mean', ...shared };
  const sinkhorn = { sinkhorn: 'last', sinkhornEpsilon: 0.003, sinkhornIterations: 50 };
  const ebNames = parameterNames(fixture, 'mlp', 2, 'layers', false);
  const xtNames = parameterNames(fixture, 'mlp_layers', 3, 'rq.vq_layers', true);
  const checks: [keyof Fixture & string, Record<string, Tensor>, ParameterName[], object][] = [
    ['eb_ste', eb, ebNames, released],
    ['eb_rotation', eb, ebNames, { ...released, estimator: 'rotation' }],
    ['xt', xt, xtNames, means],
    ['xt_sinkhorn_last_level', xt, xtNames, { ...means, ...sinkhorn }],
    ['plain_own', eb, ebNames, plain],
  ];
  return checks.flatMap(([name, params, names, options]) => {
    const block = fixture[name] as Block | undefined;
    if (!block) return [];
    const parameters = { names, fixture: { params, grads: block.grads } };
    return [{ name, block, ...parameters, config: rqVaeModelSchema.parse(options) }];
  });
}

/** Torch counts the activations of an MLP too: `stride` entries a layer. */
function parameterNames(
  { config }: Fixture,
  mlp: string,
  stride: number,
  codebooks: string,
  biases: boolean,
): ParameterName[] {
  const layers = (part: string) =>
    times(config.hidden.length + 1, (layer) => {
      const [ours, theirs] = [`${part}/${layer}`, `${part}.${mlp}.${layer * stride + (biases ? 1 : 0)}.`];
      return biases ? linearNames(ours, theirs) : [weightName(ours, theirs)];
    });
  const tables = times(config.levels, (level) => [
    { ours: `codebook/${level}`, theirs: `${codebooks}.${level}.embedding.weight` },
  ]);
  return [...layers('encoder'), ...layers('decoder'), ...tables];
}

/** Runs our RQ-VAE on every block of a fixture, in the options that the block's code has. */
export const checkRqVae = fixtureCheck('rqvae', schema, async (golden, fixture) => {
  for (const check of blocksOf(fixture)) {
    await compareBlock(golden, check, fixture.inputs.x);
    await compareStep(golden, check, fixture.inputs.x);
  }
  if (fixture.residual_kmeans) compareKmeans(golden, fixture.residual_kmeans);
});

/** Lloyd's iterations level by level, each from the fixture's centroids on what ours left before. */
function compareKmeans(golden: GoldenCheck, { config, x, levels }: z.output<typeof kmeansSchema>): void {
  const { d: dim, iters: iterations } = config;
  const residuals = Float32Array.from(x.data);
  for (const [level, expected] of levels.entries()) {
    const found = lloyd(residuals, Float32Array.from(expected.initial_centroids.data), dim, iterations);
    const at = `residual_kmeans.levels.${level}`;
    for (const [iteration, codes] of expected.assignment_per_iteration.entries()) {
      const path = `${at}.assignment_per_iteration.${iteration}`;
      golden.compare('output', path, found.assignments[iteration] ?? [], codes);
    }
    golden.compare('output', `${at}.centroids_after`, found.centroids, expected.centroids_after);
    golden.compare(
      'output',
      `${at}.codes_with_final_centroids`,
      found.codes,
      expected.codes_with_final_centroids,
    );
    for (let i = 0; i < residuals.length; i++) {
      residuals[i] -= found.centroids[found.codes[Math.floor(i / dim)] * dim + (i % dim)];
    }
    const squares = residuals.reduce((sum, value) => sum + value * value, 0);
    const rows = residuals.length / dim;
    golden.compare('output', `${at}.residual_sq_mean`, squares / rows, expected.residual_sq_mean);
  }
}

async function compareBlock(golden: GoldenCheck, check: BlockCheck, x: Tensor): Promise<void> {
  const { name, block, config } = check;
  const results = await forwardAndBackward(check, x);
  const [loss] = results.loss;
  const [reconstruction] = results.reconstructionLoss;
  const [commitment] = results.commitment;
  const normalised = isNormalised(block.reconstruction, config);
  golden.compareNamed('output', name, block, {
    latent: results.latent,
    codes: results.codes,
    residuals: results.residuals,
    quantised_sum: results.sum,
    reconstruction: normalised ? results.reconstruction : results.decoded,
  });
  golden.compareNamed('loss', name, block, {
    loss,
    reconstruction_loss: reconstruction,
    rqvae_loss: loss - reconstruction,
    codebook_loss: loss - reconstruction - config.commitment * commitment,
    commitment_loss_unweighted: commitment,
    reconstruction_loss_per_row: results.reconstructionErrors,
    quantise_loss_per_row: results.quantisationErrors,
  });
  compareGradients(golden, check, results, `${name}.grads`);
}

/** Whether a stored reconstruction has been normalised as the losses see it, or is as the decoder gave it. */
function isNormalised(
  stored: Tensor | undefined,
  { normaliseReconstruction, binaryColumns }: RqVaeModelConfig,
): boolean {
  if (!stored || !normaliseReconstruction) return false;
  const numbers = stored.data.slice(0, stored.shape[1] - binaryColumns);
  return Math.abs(Math.hypot(...numbers) - 1) < 1e-3;
}

/** Everything a block stores, in one run on the CPU device; gradients are named "gradient/…". */
function forwardAndBackward(check: BlockCheck, { shape: [rows, dim], data }: Tensor): Promise<HostArrays> {
  const model = new RqVae(check.config, { dim });
  return onCpu(async (context) => {
    await load(context, model.parameters, fixtureParameters(check));
    const executable = await context.compile({
      name: 'golden',
      state: model.parameters,
      inputs: { content: float32(rows, dim) },
      run: (parameters, inputs) => {
        const latent = model.encode(parameters, inputs.content);
        const quantised = model.quantise(parameters, latent, inputs);
        const decoded = model.decode(parameters, quantised.sum);
        const losses = quantisationLosses(quantised);
        const view = model.view(parameters, inputs);
        const step = tokeniserStep(model, { dim, resetBelow: 0 });
        const { gradients } = gradientsOf(step, parameters, inputs, { rows, length: 1 });
        const columns = quantised.codes.map((level) => tf.expandDims(level, 1));
        const outputs = {
          latent,
          codes: tf.concat(columns, 1),
          residuals: tf.concat(quantised.residuals, 0),
          sum: quantised.sum,
          decoded,
          reconstruction: model.reconstruction(decoded),
          reconstructionErrors: model.reconstructionErrors(decoded, inputs.content),
          quantisationErrors: tf.add(losses.codebook, tf.mul(losses.commitment, check.config.commitment)),
          loss: view.loss,
          reconstructionLoss: view.reports.reconstruction,
          commitment: view.reports.commitment,
          ...asGradients(gradients),
        };
        return { state: {}, outputs };
      },
    });
    return await executable.run({ content: Float32Array.from(data) });
  });
}

/** The parameters after one optimiser step. */
async function compareStep(golden: GoldenCheck, check: BlockCheck, x: Tensor): Promise<void> {
  const { adamw } = check.block;
  if (!adamw) return;
  const dim = x.shape[1];
  await onCpu(async (context) => {
    const optimiser = { optimiser: 'adamw', clipNorm: 0, ...optimiserOf(adamw) } as const;
    const resets = { resetEvery: 0, resetBelow: 0, resetUntil: 0 };
    const model = new RqVae(check.config, { dim });
    const runner = new TokeniserStepRunner(model, context, { optimiser, seed: 0, dim, ...resets });
    await runner.load(fixtureParameters(check));
    const content = Float32Array.from(x.data);
    await runner.stepOn({ step: 1, learningRate: adamw.lr, progress: 0, content });
    const values = await context.read(check.names.map(({ ours }) => ours));
    compareParameters(golden, `${check.name}.adamw.params_after_1`, check, values, adamw.params_after_1);
  });
}

import * as tf from '@tensorflow/tfjs';
import { z } from 'zod';
import { float32, type HostArrays, type OptimiserConfig, openDevice } from '../engine/index.ts';
import { UserError } from '../errors.ts';
import { RqVae, type RqVaeModelConfig, rqVaeModelSchema } from '../families/tokenisers/rq-vae.ts';
import { tokeniserStep } from '../families/tokenisers/training/programs.ts';
import { TokeniserStepRunner } from '../families/tokenisers/training/step-runner.ts';
import { quantisationLosses } from '../layers/index.ts';
import { lloyd } from '../math/kmeans.ts';
import { gradientsOf } from '../training/programs.ts';
import { optimiserSchema, type ParameterName, tensors, transpose } from './fixture.ts';
import { GoldenCheck, type GoldenResult, type Tensor, tensorSchema } from './tensor-compare.ts';

const whole = z.number().int().positive();
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
interface BlockCheck {
  name: string;
  block: Block;
  params: Record<string, Tensor>;
  names: ParameterName[];
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
    return block ? [{ name, block, params, names, config: rqVaeModelSchema.parse(options) }] : [];
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
  const names: ParameterName[] = [];
  for (const part of ['encoder', 'decoder']) {
    for (let layer = 0; layer <= config.hidden.length; layer++) {
      const theirs = `${part}.${mlp}.${layer * stride + (biases ? 1 : 0)}`;
      names.push({ ours: `${part}/${layer}/weight`, theirs: `${theirs}.weight`, transposed: true });
      if (biases) names.push({ ours: `${part}/${layer}/bias`, theirs: `${theirs}.bias` });
    }
  }
  for (let level = 0; level < config.levels; level++) {
    names.push({ ours: `codebook/${level}`, theirs: `${codebooks}.${level}.embedding.weight` });
  }
  return names;
}

/** Our layout of the fixture's parameters. */
function parametersOf({ params, names }: BlockCheck): HostArrays {
  return Object.fromEntries(
    names.map(({ ours, theirs, transposed }) => {
      const tensor = params[theirs];
      if (!tensor) throw new UserError(`the fixture has no parameter "${theirs}"`);
      const [rows, columns] = tensor.shape;
      return [ours, transposed ? transpose(tensor.data, rows, columns) : Float32Array.from(tensor.data)];
    }),
  );
}

function asTheirs(
  values: ArrayLike<number>,
  { transposed }: ParameterName,
  { shape }: Tensor,
): ArrayLike<number> {
  return transposed ? transpose(values, shape[1], shape[0]) : values;
}

/** Runs our RQ-VAE on every block of a fixture, in the options that the block's code has. */
export async function checkRqVae(fixture: unknown): Promise<GoldenResult> {
  const parsed = schema.safeParse(fixture);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new UserError(`this is no rqvae fixture: ${issue.path.join('.')}: ${issue.message}`);
  }
  const golden = new GoldenCheck();
  for (const check of blocksOf(parsed.data)) {
    await compareBlock(golden, check, parsed.data.inputs.x);
    await compareStep(golden, check, parsed.data.inputs.x);
  }
  if (parsed.data.residual_kmeans) compareKmeans(golden, parsed.data.residual_kmeans);
  return golden.result('rqvae');
}

/** Lloyd's iterations level by level, each from the fixture's centroids on what ours left before. */
function compareKmeans(golden: GoldenCheck, { config, x, levels }: z.output<typeof kmeansSchema>): void {
  const { d: dim, iters: iterations } = config;
  const residuals = Float32Array.from(x.data);
  for (const [level, expected] of levels.entries()) {
    const found = lloyd(residuals, Float32Array.from(expected.initial_centroids.data), dim, iterations);
    const at = `residual_kmeans.levels.${level}`;
    for (const [iteration, codes] of expected.assignment_per_iteration.entries()) {
      const path = `${at}.assignment_per_iteration.${iteration}`;
      golden.compare('output', path, found.assignments[iteration] ?? [], codes.data);
    }
    golden.compare('output', `${at}.centroids_after`, found.centroids, expected.centroids_after.data);
    const { data: codes } = expected.codes_with_final_centroids;
    golden.compare('output', `${at}.codes_with_final_centroids`, found.codes, codes);
    for (let i = 0; i < residuals.length; i++) {
      residuals[i] -= found.centroids[found.codes[Math.floor(i / dim)] * dim + (i % dim)];
    }
    const squares = residuals.reduce((sum, value) => sum + value * value, 0);
    const rows = residuals.length / dim;
    golden.compare('output', `${at}.residual_sq_mean`, squares / rows, expected.residual_sq_mean);
  }
}

async function compareBlock(golden: GoldenCheck, check: BlockCheck, x: Tensor): Promise<void> {
  const { name, block, config, names } = check;
  const results = await forwardAndBackward(check, x);
  const compare = (key: keyof Block, values: ArrayLike<number> | number) => {
    const reference = block[key] as Tensor | number | undefined;
    const kind = key.includes('loss') ? 'loss' : 'output';
    golden.compare(
      kind,
      `${name}.${key}`,
      values,
      typeof reference === 'number' ? reference : reference?.data,
    );
  };
  const [loss, reconstruction, commitment] = [
    results.loss[0],
    results.reconstructionLoss[0],
    results.commitment[0],
  ];
  compare('latent', results.latent);
  compare('codes', results.codes);
  compare('residuals', results.residuals);
  compare('quantised_sum', results.sum);
  compare(
    'reconstruction',
    isNormalised(block.reconstruction, config) ? results.reconstruction : results.decoded,
  );
  compare('loss', loss);
  compare('reconstruction_loss', reconstruction);
  compare('rqvae_loss', loss - reconstruction);
  compare('codebook_loss', loss - reconstruction - config.commitment * commitment);
  compare('commitment_loss_unweighted', commitment);
  compare('reconstruction_loss_per_row', results.reconstructionErrors);
  compare('quantise_loss_per_row', results.quantisationErrors);
  for (const parameter of names) {
    const reference = block.grads[parameter.theirs];
    if (!reference) throw new UserError(`the fixture has no gradient "${name}.grads.${parameter.theirs}"`);
    const values = asTheirs(results[`gradient/${parameter.ours}`], parameter, reference);
    golden.compare('gradients', `${name}.grads.${parameter.theirs}`, values, reference.data);
  }
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
async function forwardAndBackward(
  check: BlockCheck,
  { shape: [rows, dim], data }: Tensor,
): Promise<HostArrays> {
  const model = new RqVae(check.config, { dim });
  const values = parametersOf(check);
  const { context } = await openDevice('cpu', { threads: 1 });
  try {
    await context.load(
      Object.fromEntries(
        Object.entries(model.parameters).map(([name, spec]) => [name, { spec, data: values[name] }]),
      ),
    );
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
        const outputs = {
          latent,
          codes: tf.concat(
            quantised.codes.map((level) => tf.expandDims(level, 1)),
            1,
          ),
          residuals: tf.concat(quantised.residuals, 0),
          sum: quantised.sum,
          decoded,
          reconstruction: model.reconstruction(decoded),
          reconstructionErrors: model.reconstructionErrors(decoded, inputs.content),
          quantisationErrors: tf.add(losses.codebook, tf.mul(losses.commitment, check.config.commitment)),
          loss: view.loss,
          reconstructionLoss: view.reports.reconstruction,
          commitment: view.reports.commitment,
          ...Object.fromEntries(
            Object.entries(gradients).map(([name, gradient]) => [`gradient/${name}`, gradient]),
          ),
        };
        return { state: {}, outputs };
      },
    });
    return await executable.run({ content: Float32Array.from(data) });
  } finally {
    await context.dispose();
  }
}

/** The parameters after one optimiser step; entries with next to no gradient move by the sign of rounding noise. */
async function compareStep(golden: GoldenCheck, check: BlockCheck, x: Tensor): Promise<void> {
  const { name, block, names } = check;
  const { adamw } = block;
  if (!adamw) return;
  const dim = x.shape[1];
  const { context } = await openDevice('cpu', { threads: 1 });
  try {
    const optimiser: OptimiserConfig = {
      optimiser: 'adamw',
      beta1: adamw.beta1,
      beta2: adamw.beta2,
      epsilon: adamw.eps,
      weightDecay: adamw.weight_decay,
      clipNorm: 0,
    };
    const model = new RqVae(check.config, { dim });
    const runner = new TokeniserStepRunner(model, context, {
      optimiser,
      seed: 0,
      dim,
      resetEvery: 0,
      resetBelow: 0,
      resetUntil: 0,
    });
    await runner.load(parametersOf(check));
    const content = Float32Array.from(x.data);
    await runner.stepOn({ step: 1, learningRate: adamw.lr, progress: 0, content });
    const values = await context.read(names.map(({ ours }) => ours));
    for (const parameter of names) {
      const gradient = block.grads[parameter.theirs].data;
      const small = 1e-5 * gradient.reduce((most, g) => Math.max(most, Math.abs(g)), 0);
      const reference = adamw.params_after_1[parameter.theirs];
      if (!reference) continue;
      golden.compare(
        'step',
        `${name}.adamw.params_after_1.${parameter.theirs}`,
        asTheirs(values[parameter.ours], parameter, reference),
        reference.data,
        (i) => Math.abs(gradient[i]) < small,
      );
    }
  } finally {
    await context.dispose();
  }
}

/** Fixtures of RQ-VAE: blocks of several released codes, each with the options of ours that say the same. */

import { z } from 'zod';
import * as tf from '../../engine/tf.ts';
import { RqVae, rqVaeModelSchema } from '../../families/tokenisers/models/rq-vae.ts';
import { tokeniserStep } from '../../families/tokenisers/train-by-steps.ts';
import { quantisationLosses } from '../../layers/index.ts';
import { modelCheck } from '../driver.ts';
import type { Names } from '../parameters.ts';
import { type Tensor, tensorSchema } from '../tensor-compare.ts';

/** PyTorch counts the activations of an MLP too: `stride` entries a layer. */
function namesOf(mlp: string, stride: number, first: number, codebooks: string): Names {
  return {
    '(en|de)coder/#': (side, layer) => `${side}coder.${mlp}.${Number(layer) * stride + first}.`,
    'codebook/#': `${codebooks}.$1.embedding.weight`,
  };
}

const unnormalised = {
  normaliseLatent: false,
  normaliseCodebooks: 'none',
  normaliseReconstruction: false,
  binaryColumns: 0,
};
const released = { params: 'params_eb', options: { crossing: 'each-level', biases: false } };
const plain = { params: 'params_eb', options: { biases: false, ...unnormalised } };
const means = {
  params: 'params_xt',
  names: namesOf('mlp_layers', 3, 1, 'rq.vq_layers'),
  options: { crossing: 'each-level', lossScale: 'mean', ...unnormalised },
};
const sinkhorn = { sinkhorn: 'last', sinkhornEpsilon: 0.003, sinkhornIterations: 50 };

export const rqvaeCheck = modelCheck({
  form: z.object({
    config: z.object({
      n_cat_features: z.number().int().nonnegative().default(0),
      codebook_normalize: z.boolean().default(false),
    }),
    inputs: z.object({ x: tensorSchema }),
  }),
  settings: {
    levels: 'levels',
    codebook_size: 'codes',
    latent: 'latentDim',
    hidden: 'hidden',
    beta: 'commitment',
  },
  computed: ({ config: { n_cat_features: binaryColumns, codebook_normalize: normalised } }) => ({
    normaliseLatent: normalised,
    normaliseCodebooks: normalised ? 'first' : 'none',
    normaliseReconstruction: binaryColumns > 0,
    binaryColumns,
  }),
  schema: rqVaeModelSchema,
  names: namesOf('mlp', 2, 0, 'layers'),
  cases: {
    eb_ste: released,
    eb_rotation: { ...released, options: { ...released.options, estimator: 'rotation' } },
    xt: means,
    xt_sinkhorn_last_level: { ...means, options: { ...means.options, ...sinkhorn } },
    plain_own: plain,
  },
  subject({ inputs: { x } }, config) {
    const [rows, dim] = x.shape;
    const model = new RqVae(config, { dim });
    return {
      model: tokeniserStep(model, { dim, resetBelow: 0 }),
      shape: { rows, length: 1 },
      inputs: { content: Float32Array.from(x.data), reset: Float32Array.of(0) },
      outputs(parameters, fed) {
        const latent = model.encode(parameters, fed.content);
        const quantised = model.quantise(parameters, latent, fed);
        const decoded = model.decode(parameters, quantised.sum);
        const losses = quantisationLosses(quantised);
        const { reports } = model.view(parameters, fed);
        const columns = quantised.codes.map((level) => tf.expandDims(level, 1));
        return {
          latent,
          codes: tf.concat(columns, 1),
          residuals: tf.concat(quantised.residuals, 0),
          quantised_sum: quantised.sum,
          decoded,
          normalised: model.reconstruction(decoded),
          reconstruction_loss: reports.reconstruction,
          commitment_loss_unweighted: reports.commitment,
          reconstruction_loss_per_row: model.reconstructionErrors(decoded, fed.content),
          quantise_loss_per_row: tf.add(losses.codebook, tf.mul(losses.commitment, config.commitment)),
        };
      },
      derived({ found, golden, path }) {
        const stored = golden.read(tensorSchema.optional(), ...path, 'reconstruction');
        const isNormalised = config.normaliseReconstruction && hasUnitRow(stored, config.binaryColumns);
        const quantisation = found.loss[0] - found.reconstruction_loss[0];
        return {
          reconstruction: isNormalised ? found.normalised : found.decoded,
          rqvae_loss: quantisation,
          codebook_loss: quantisation - config.commitment * found.commitment_loss_unweighted[0],
        };
      },
    };
  },
});

/** Whether a stored reconstruction has been normalised as the losses see it, or is as the decoder gave it. */
function hasUnitRow(stored: Tensor | undefined, binaryColumns: number): boolean {
  if (!stored) return false;
  return Math.abs(Math.hypot(...stored.data.slice(0, stored.shape[1] - binaryColumns)) - 1) < 1e-3;
}

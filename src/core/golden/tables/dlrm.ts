/** Fixtures of the released DLRM: its model, optimisers, metrics and rule of mixed dimensions. */

import { z } from 'zod';
import * as tf from '../../engine/tf.ts';
import * as metrics from '../../evaluation/classification.ts';
import type { ClickFeature, ClickSizes } from '../../families/clicks/click-model.ts';
import { clickStep, encodeRows } from '../../families/clicks/click-step.ts';
import { mixedDimensions } from '../../families/clicks/embedding-bags.ts';
import { Dlrm, dlrmFields } from '../../families/clicks/models/dlrm.ts';
import { modelCheck, numbered } from '../driver.ts';
import { tensorSchema, tensors, whole } from '../tensor-compare.ts';

const form = z.object({
  config: z.object({
    tables: z.array(whole),
    bottom: z.array(whole).min(2),
    top: z.array(whole).min(2),
    interaction: z.string().default('dot'),
    interaction_itself: z.boolean().default(false),
  }),
  params: tensors,
  inputs: z.object({
    dense: tensorSchema,
    indices: z.array(tensorSchema),
    offsets: z.array(tensorSchema),
    labels: tensorSchema,
  }),
  metrics: z.object({ labels: tensorSchema, scores: tensorSchema }).optional(),
  md_solver: z.object({ n: z.array(whole), alpha: z.number(), d0: whole }).optional(),
});

type Fixture = z.output<typeof form>;

/** The sizes of the layers, and which tables are stored as quotients and remainders. */
function computed({ config, params }: Fixture) {
  const remainders = config.tables.map((_, table) => params[`emb_l.${table}.weight_r`]);
  const plain = config.tables.filter((_, table) => !remainders[table]);
  const split = remainders.find((table) => table);
  return {
    bottom: config.bottom.slice(1, -1).join('-'),
    top: config.top.slice(1, -1).join('-'),
    interaction: config.interaction,
    selfInteraction: config.interaction_itself,
    compression: split ? 'quotient-remainder' : 'none',
    qrThreshold: Math.max(0, ...plain),
    qrCollisions: split?.shape[0] ?? 1,
  };
}

function sizesOf({ config, inputs }: Fixture): ClickSizes {
  const features = config.tables.map((vocabulary, table): ClickFeature => {
    const [name, counts] = [String(table), new Int32Array(vocabulary)];
    return { name, of: 'other', vocabulary, width: inputs.indices[table].data.length, counts };
  });
  const dense = Array.from({ length: config.bottom[0] }, (_, k) => String(k));
  return { dense, features, tasks: ['click'] };
}

function batchOf({ inputs }: Fixture, model: Dlrm, sizes: ClickSizes) {
  const count = inputs.labels.data.length;
  const rows = {
    count,
    dense: Float32Array.from(inputs.dense.data),
    features: inputs.indices.map(({ data }, table) => ({
      ids: Int32Array.from(data),
      offsets: Int32Array.from([...inputs.offsets[table].data, data.length]),
    })),
    labels: Float32Array.from(inputs.labels.data),
    weights: new Float32Array(count).fill(1 / count),
    users: new Int32Array(count).fill(-1),
  };
  return encodeRows(model, sizes, rows, count);
}

export const dlrmCheck = modelCheck({
  form,
  settings: { m: 'dim' },
  computed,
  schema: z.object(dlrmFields),
  names: {
    'tables/#': 'emb_l.$1.weight',
    'tables/#/quotient': 'emb_l.$1.weight_q',
    'tables/#/remainder': 'emb_l.$1.weight_r',
    // Linear layers and activations take turns.
    'bottom/#': (layer) => `bot_l.${2 * Number(layer)}.`,
    'top/#': (layer) => `top_l.${2 * Number(layer)}.`,
  },
  cases: {
    '': { options: { qrOperation: 'mult' } },
    // The same parameters and inputs with the vectors of quotient and remainder multiplied, or added.
    qr_mult: { options: { qrOperation: 'mult' } },
    qr_add: { options: { qrOperation: 'add' } },
  },
  partial: true,
  subject(fixture, config) {
    const sizes = sizesOf(fixture);
    const model = new Dlrm(config, sizes);
    const { shape, inputs, lookups } = batchOf(fixture, model, sizes);
    return {
      model: clickStep(model, sizes),
      shape,
      inputs,
      lookups,
      outputs(parameters, fed) {
        const bags = model.embeddings(parameters, fed);
        const [rows, , dim] = bags.shape as number[];
        const ofTables = sizes.features.map((_, table) => tf.slice(bags, [0, table, 0], [rows, 1, dim]));
        return {
          bottom: model.bottom(parameters, fed) ?? tf.zeros([1]),
          ...numbered('bags', ofTables),
          interaction: model.interact(parameters, fed, shape),
          probabilities: tf.sigmoid(model.logits(parameters, fed, shape)),
        };
      },
    };
  },
  others(golden, { metrics: clicks, md_solver: widths }) {
    if (clicks) {
      const [labels, scores] = [clicks.labels.data, clicks.scores.data];
      const logits = scores.map(metrics.logit);
      golden.compareBlock(['metrics'], {
        auc: metrics.auc(labels, scores),
        logloss: metrics.logLoss(labels, logits),
        normalised_entropy: metrics.normalisedEntropy(labels, logits),
        'accuracy_at_0.5': metrics.accuracy(labels, scores),
        brier: metrics.brier(labels, scores),
      });
    }
    if (widths) {
      const { n, alpha, d0: base } = widths;
      golden.compareBlock(['md_solver'], {
        dims_rounded_pow2: mixedDimensions(n, { alpha, base, powerOfTwo: true }),
        dims_not_rounded: mixedDimensions(n, { alpha, base, powerOfTwo: false }),
      });
    }
  },
});

import { z } from 'zod';
import { tensorSchema } from './tensor-compare.ts';

/** The fixture formats of test/golden, as far as they are checked. Blocks may be missing; what is there must be sound. */

const pair = z.tuple([z.number(), z.number()]);
const numbers = z.record(z.string(), z.number());
const testResult = z.object({ statistic: z.number(), p: z.number() });
const wilcoxonSchema = z.object({ exact: testResult.optional(), normal: testResult.optional() });
const correction = z.object({ adjusted: tensorSchema, reject: z.array(z.boolean()).optional() });

const matrix = tensorSchema.refine((tensor) => tensor.shape.length === 2, {
  message: 'must have two dimensions',
});

export const evalFixtureSchema = z.object({
  model: z.literal('eval'),
  config: z.object({ max_k: z.int().positive(), rank_if_absent: z.int().positive() }),
  inputs: z.object({ candidates: tensorSchema, item_table: matrix, queries: matrix, history_ids: matrix }),
  runs: z
    .array(
      z.object({
        name: z.string().optional(),
        targets: tensorSchema,
        ranks: tensorSchema,
        per_user: z.record(z.string(), tensorSchema).optional(),
        mean: numbers.optional(),
      }),
    )
    .min(1),
  time_buckets: z
    .object({
      samples: z.array(pair).optional(),
      smallest_difference_per_bucket_float32: z.array(pair).optional(),
      float32_vs_float64_differences: z
        .array(z.object({ bucket: z.number(), count: z.int(), first: z.int(), last: z.int() }))
        .optional(),
    })
    .optional(),
});

export type EvalFixture = z.infer<typeof evalFixtureSchema>;

const pairedTSchema = z.object({
  t: z.number(),
  p: z.number(),
  df: z.number(),
  mean_difference_y_minus_x: z.number().optional(),
});

const bootstrapSchema = z.object({
  indices: matrix,
  resample_means: tensorSchema.optional(),
  bca95: pair.optional(),
  bca95_exchanged: pair.optional(),
  bca_z0: z.number().optional(),
  bca_a: z.number().optional(),
  p_two_sided: z.number().optional(),
});

const beyondAccuracySchema = z.object({
  items: z.int().positive(),
  k: z.int().positive(),
  lists: matrix,
  'popularity_of_item_1..I': tensorSchema,
  item_vectors: matrix.optional(),
  own: z.record(z.string(), z.union([z.number(), z.array(z.int())])).optional(),
  recbole_inputs: z
    .object({
      hits: matrix,
      num_positives: tensorSchema,
      topk: z.array(z.int().positive()),
      num_items_passed: z.int().positive(),
      tail_ratio: z.number(),
    })
    .optional(),
  recbole: numbers.optional(),
});

const calibrationSchema = z.object({
  labels: tensorSchema,
  probabilities: tensorSchema,
  bins: z.int().positive().default(10),
  ece_equal_width: z.number().optional(),
  mce_equal_width: z.number().optional(),
  'equal_width_bins_[index,count,mean_p,mean_label]': z.array(z.array(z.number()).length(4)).optional(),
  auc: z.number().optional(),
  brier: z.number().optional(),
  log_loss: z.number().optional(),
  normalised_entropy: z.number().optional(),
  accuracy: z.number().optional(),
});

export const statsFixtureSchema = z.object({
  model: z.literal('stats'),
  inputs: z.object({ x: tensorSchema, y: tensorSchema }),
  paired_t: pairedTSchema.optional(),
  wilcoxon: wilcoxonSchema.optional(),
  small: z
    .object({
      x: tensorSchema,
      y: tensorSchema,
      wilcoxon: wilcoxonSchema.optional(),
      t: pairedTSchema.optional(),
    })
    .optional(),
  bootstrap: bootstrapSchema.optional(),
  multiple_comparisons: z
    .object({
      p: tensorSchema,
      alpha: z.number().default(0.05),
      holm: correction.optional(),
    })
    .optional(),
  effect_sizes_own: numbers.optional(),
  calibration: calibrationSchema.optional(),
  beyond_accuracy: beyondAccuracySchema.optional(),
  gauc: z
    .object({
      users: z.array(z.object({ labels: tensorSchema, scores: tensorSchema })),
      weighted_by_impressions: z.number().optional(),
    })
    .optional(),
  ranking: z
    .record(z.string(), z.object({ scores: matrix, targets: tensorSchema, mean: numbers }))
    .optional(),
});

export type StatsFixture = z.infer<typeof statsFixtureSchema>;

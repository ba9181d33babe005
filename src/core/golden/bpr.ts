import { z } from 'zod';
import { UserError } from '../errors.ts';
import { bprmfModel, bprmfSchema } from '../families/next-item/bprmf.ts';
import {
  compareGradients,
  compareSteps,
  forwardAndBackward,
  type ModelCheck,
  modelFixture,
  optimiserSchema,
} from './model-check.ts';
import { GoldenCheck, type GoldenResult, tensorSchema } from './tensor-compare.ts';

const whole = z.number().int().positive();

const schema = z.object({
  ...modelFixture,
  config: z.object({
    embedding_size: whole,
    n_items_with_padding: whole,
    n_users_with_padding: whole,
    bpr_gamma: z.literal(1e-10).default(1e-10),
  }),
  inputs: z.object({ user_id: tensorSchema, item_id: tensorSchema, neg_item_id: tensorSchema }),
  outputs: z.object({ loss: z.number(), pair_scores: tensorSchema.optional(), scores: tensorSchema }),
  adam: optimiserSchema.optional(),
});

/** Runs our BPRMF on a RecBole-style fixture; the padding item is an item like any other here. */
export async function checkBpr(fixture: unknown): Promise<GoldenResult> {
  const parsed = schema.safeParse(fixture);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new UserError(`this is no bpr fixture: ${issue.path.join('.')}: ${issue.message}`);
  }
  const { config, inputs, outputs, adam } = parsed.data;
  const settings = bprmfSchema.parse({ dim: config.embedding_size });
  const items = config.n_items_with_padding;
  const model = bprmfModel(settings, { users: config.n_users_with_padding, items });
  const rows = inputs.user_id.data.length;
  const shape = { rows, length: 1 };
  const check: ModelCheck = {
    model,
    config: settings,
    fixture: parsed.data,
    names: [
      { ours: 'user-embedding', theirs: 'user_embedding.weight' },
      { ours: 'item-embedding', theirs: 'item_embedding.weight' },
    ],
    shape,
    inputs: {
      users: Int32Array.from(inputs.user_id.data),
      positives: Int32Array.from(inputs.item_id.data),
      negatives: Int32Array.from(inputs.neg_item_id.data),
      weights: new Float32Array(rows).fill(1 / rows),
    },
    outputs: (parameters, fed) => ({ scores: model.scores(parameters, fed, shape) }),
  };
  const golden = new GoldenCheck();
  const results = await forwardAndBackward(check);
  golden.compare('output', 'outputs.scores', results.scores, outputs.scores.data);
  const pairs = inputs.item_id.data.map((item, row) => results.scores[row * items + item]);
  golden.compare('output', 'outputs.pair_scores', pairs, outputs.pair_scores?.data);
  golden.compare('loss', 'outputs.loss', results.loss[0], outputs.loss);
  compareGradients(golden, check, results);
  if (adam) await compareSteps(golden, check, 'adam', adam);
  return golden.result('bpr');
}

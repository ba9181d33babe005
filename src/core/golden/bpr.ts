import { z } from 'zod';
import { bprmfModel, bprmfSchema } from '../families/next-item/bprmf.ts';
import { compareModel, compareSteps, type ModelCheck, modelFixture, optimiserSchema } from './model-check.ts';
import { fixtureCheck, tensorSchema, whole } from './tensor-compare.ts';

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
export const checkBpr = fixtureCheck('bpr', schema, async (golden, fixture) => {
  const { config, inputs, outputs } = fixture;
  const settings = bprmfSchema.parse({ dim: config.embedding_size });
  const items = config.n_items_with_padding;
  const model = bprmfModel(settings, { users: config.n_users_with_padding, items });
  const rows = inputs.user_id.data.length;
  const shape = { rows, length: 1 };
  const check: ModelCheck = {
    model,
    config: settings,
    fixture,
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
  const { scores } = await compareModel(golden, check, outputs);
  const pairs = inputs.item_id.data.map((item, row) => scores[row * items + item]);
  golden.compare('output', 'outputs.pair_scores', pairs, outputs.pair_scores);
  await compareSteps(golden, check, 'adam', fixture.adam);
});

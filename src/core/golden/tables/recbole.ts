/** Fixtures of gru4rec, narm and bpr in RecBole's layout. Its padding item is an item like any other here. */
import { z } from 'zod';
import type { HostArrays } from '../../engine/index.ts';
import { UserError } from '../../errors.ts';
import { bprmfModel, bprmfSchema } from '../../families/next-item/models/bprmf.ts';
import { gru4recModel, gru4recSchema } from '../../families/next-item/models/gru4rec.ts';
import { narmModel, narmSchema } from '../../families/next-item/models/narm.ts';
import type { RecurrentConfig, RecurrentEncoder } from '../../families/next-item/recurrent.ts';
import { type ModelTable, modelCheck } from '../driver.ts';
import { tensorSchema, whole } from '../tensor-compare.ts';

const form = z.object({
  config: z.object({ n_items_with_padding: whole, loss: z.enum(['CE', 'BPR']).default('CE') }),
  inputs: z.object({
    item_id_list: tensorSchema,
    item_length: tensorSchema,
    item_id: tensorSchema,
    neg_item_id: tensorSchema.optional(),
  }),
});

type Fixture = z.output<typeof form>;

/** The fixture's batch as ours: every row predicts from its last position alone. */
function batchOf({ inputs }: Fixture, { training, loss }: RecurrentConfig): HostArrays {
  if (loss === 'bpr' && !inputs.neg_item_id) throw new UserError('the fixture has no neg_item_id');
  const [rows, length] = inputs.item_id_list.shape;
  const ids = new Int32Array(rows * length);
  const targets = new Int32Array(rows * length);
  const weights = new Float32Array(rows * length);
  const negatives = new Int32Array(training === 'prefixes' ? rows : rows * length);
  inputs.item_length.data.forEach((n, row) => {
    const last = row * length + n - 1;
    for (let cell = row * length; cell <= last; cell++) ids[cell] = inputs.item_id_list.data[cell] + 1;
    targets[last] = inputs.item_id.data[row];
    weights[last] = 1 / rows;
    negatives[training === 'prefixes' ? row : last] = inputs.neg_item_id?.data[row] ?? 0;
  });
  return { ids, lengths: Int32Array.from(inputs.item_length.data), targets, weights, negatives };
}

interface RecurrentTable<C> extends Pick<ModelTable<Fixture, C>, 'schema' | 'names'> {
  build(config: NoInfer<C>, sizes: { users: number; items: number }): RecurrentEncoder;
}

function recurrent<C extends RecurrentConfig>({ build, ...table }: RecurrentTable<C>) {
  return modelCheck<Fixture, C>({
    form,
    ...table,
    settings: { embedding_size: 'dim', hidden_size: 'hidden', num_layers: 'layers' },
    fixed: { bpr_gamma: 1e-10, dropout: 0 },
    computed: ({ config, inputs }) => ({
      maxLength: inputs.item_id_list.shape[1],
      loss: config.loss === 'BPR' ? 'bpr' : 'cross-entropy',
      contextDropout: 0,
    }),
    cases: {
      '': { options: { training: 'all-positions' } },
      // The other way of training: one row a prefix.
      bpr_loss_variant: { options: { training: 'prefixes', loss: 'bpr' } },
    },
    subject(fixture, config) {
      const { config: given, inputs } = fixture;
      const items = given.n_items_with_padding;
      const [rows, length] = inputs.item_id_list.shape;
      const model = build(config, { users: 0, items });
      return {
        model,
        shape: { rows, length },
        inputs: batchOf(fixture, config),
        outputs: (parameters, fed) => ({
          seq_output: model.encodeLast(parameters, fed),
          scores: model.scores(parameters, fed),
        }),
        derived: ({ found }) => ({ pair_scores: scoresOf(found.scores, inputs.item_id.data, items) }),
      };
    },
  });
}

/** The score of each row's item. */
function scoresOf(scores: ArrayLike<number>, ids: readonly number[], items: number): number[] {
  return ids.map((item, row) => scores[row * items + item]);
}

/** By the model that a fixture names. */
export const recboleChecks = {
  gru4rec: recurrent({
    schema: gru4recSchema,
    build: gru4recModel,
    names: {
      'item-embedding': 'item_embedding.weight',
      'gru/#/input': 'gru_layers.weight_ih_l$1^T',
      'gru/#/recurrent': 'gru_layers.weight_hh_l$1^T',
      output: 'dense.',
    },
  }),
  narm: recurrent({
    schema: narmSchema,
    build: narmModel,
    names: {
      'item-embedding': 'item_embedding.weight',
      'gru/#/input': 'gru.weight_ih_l$1^T',
      'gru/#/recurrent': 'gru.weight_hh_l$1^T',
      'attention/key': 'a_1.weight^T',
      'attention/query': 'a_2.weight^T',
      'attention/energy': 'v_t.weight^T',
      output: 'b.',
    },
  }),
  bpr: modelCheck({
    form: z.object({
      config: z.object({ n_items_with_padding: whole, n_users_with_padding: whole }),
      inputs: z.object({ user_id: tensorSchema, item_id: tensorSchema, neg_item_id: tensorSchema }),
    }),
    settings: { embedding_size: 'dim' },
    fixed: { bpr_gamma: 1e-10 },
    schema: bprmfSchema,
    names: { '(user|item)-embedding': '$1_embedding.weight' },
    subject({ config: given, inputs }, config) {
      const [users, items] = [given.n_users_with_padding, given.n_items_with_padding];
      const model = bprmfModel(config, { users, items });
      const shape = { rows: inputs.user_id.data.length, length: 1 };
      return {
        model,
        shape,
        inputs: {
          users: Int32Array.from(inputs.user_id.data),
          positives: Int32Array.from(inputs.item_id.data),
          negatives: Int32Array.from(inputs.neg_item_id.data),
          weights: new Float32Array(shape.rows).fill(1 / shape.rows),
        },
        outputs: (parameters, fed) => ({ scores: model.scores(parameters, fed, shape) }),
        derived: ({ found }) => ({ pair_scores: scoresOf(found.scores, inputs.item_id.data, items) }),
      };
    },
  }),
};

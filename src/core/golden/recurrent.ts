/** The check that gru4rec and narm fixtures (RecBole's layout) share: they differ in parameters alone. */
import { z } from 'zod';
import type { HostArrays } from '../engine/index.ts';
import { UserError } from '../errors.ts';
import { gru4recModel, gru4recSchema } from '../families/next-item/gru4rec.ts';
import { narmModel, narmSchema } from '../families/next-item/narm.ts';
import type { RecurrentConfig, RecurrentEncoder } from '../families/next-item/recurrent.ts';
import {
  compareGradients,
  compareModel,
  compareSteps,
  forwardAndBackward,
  linearNames,
  type ModelCheck,
  modelFixture,
  optimiserSchema,
  type ParameterName,
  times,
  weightName,
} from './model-check.ts';
import { type FixtureCheck, fixtureCheck, tensorSchema, tensors, whole } from './tensor-compare.ts';

const schema = z.object({
  ...modelFixture,
  config: z.object({
    embedding_size: whole,
    hidden_size: whole,
    num_layers: whole,
    n_items_with_padding: whole,
    loss: z.enum(['CE', 'BPR']).default('CE'),
    bpr_gamma: z.literal(1e-10).default(1e-10),
    dropout: z.literal(0).default(0),
  }),
  inputs: z.object({
    item_id_list: tensorSchema,
    item_length: tensorSchema,
    item_id: tensorSchema,
    neg_item_id: tensorSchema.optional(),
  }),
  outputs: z.object({
    loss: z.number(),
    pair_scores: tensorSchema.optional(),
    seq_output: tensorSchema,
    scores: tensorSchema,
  }),
  adam: optimiserSchema.optional(),
  bpr_loss_variant: z.object({ loss: z.number(), grads: tensors }).optional(),
});

type Fixture = z.output<typeof schema>;

/** Config values that both models take from the fixture alike. */
interface RecurrentSettings {
  dim: number;
  hidden: number;
  layers: number;
  maxLength: number;
  dropout: 0;
  training: RecurrentConfig['training'];
  loss: 'cross-entropy' | 'bpr';
}

interface RecurrentFixture {
  /** As the fixture names the model. */
  name: string;
  build(settings: RecurrentSettings, items: number): { model: RecurrentEncoder; settings: RecurrentConfig };
  /** Every parameter but the item table and the GRU layers. */
  names: ParameterName[];
  /** What the fixture calls the GRU. */
  gru: string;
}

/** The padding item is an item like any other here, as in the reference's loss. */
function parameterNames(kind: RecurrentFixture, layers: number): ParameterName[] {
  return [
    { ours: 'item-embedding', theirs: 'item_embedding.weight' },
    ...times(layers, (layer) => [
      { ours: `gru/${layer}/input`, theirs: `${kind.gru}.weight_ih_l${layer}`, transposed: true },
      { ours: `gru/${layer}/recurrent`, theirs: `${kind.gru}.weight_hh_l${layer}`, transposed: true },
    ]),
    ...kind.names,
  ];
}

/** The fixture's batch as ours: every row predicts from its last position alone. */
function batchOf({ inputs }: Fixture, training: RecurrentConfig['training']): HostArrays {
  const [rows, length] = inputs.item_id_list.shape;
  const lengths = Int32Array.from(inputs.item_length.data);
  const ids = new Int32Array(rows * length);
  const targets = new Int32Array(rows * length);
  const weights = new Float32Array(rows * length);
  const negatives = new Int32Array(training === 'prefixes' ? rows : rows * length);
  lengths.forEach((n, row) => {
    const at = row * length;
    for (let i = 0; i < n; i++) ids[at + i] = inputs.item_id_list.data[at + i] + 1;
    targets[at + n - 1] = inputs.item_id.data[row];
    weights[at + n - 1] = 1 / rows;
    negatives[training === 'prefixes' ? row : at + n - 1] = inputs.neg_item_id?.data[row] ?? 0;
  });
  return { ids, lengths, targets, weights, negatives };
}

function checkOf(
  kind: RecurrentFixture,
  fixture: Fixture,
  loss: RecurrentSettings['loss'],
  training: RecurrentConfig['training'],
): ModelCheck {
  const { config, inputs } = fixture;
  if (loss === 'bpr' && !inputs.neg_item_id) throw new UserError('the fixture has no neg_item_id');
  const [rows, length] = inputs.item_id_list.shape;
  const given: RecurrentSettings = {
    dim: config.embedding_size,
    hidden: config.hidden_size,
    layers: config.num_layers,
    maxLength: length,
    dropout: 0,
    training,
    loss,
  };
  const { model, settings } = kind.build(given, config.n_items_with_padding);
  return {
    model,
    config: settings,
    fixture,
    names: parameterNames(kind, config.num_layers),
    shape: { rows, length },
    inputs: batchOf(fixture, training),
    outputs: (parameters, fed) => ({
      seq_output: model.encodeLast(parameters, fed),
      scores: model.scores(parameters, fed),
    }),
  };
}

/** Runs one of our models on a fixture of RecBole's layout and compares everything it holds. */
function recurrentCheck(kind: RecurrentFixture): FixtureCheck {
  return fixtureCheck(kind.name, schema, async (golden, fixture) => {
    const { config, inputs, outputs, bpr_loss_variant: variant } = fixture;
    const loss = config.loss === 'BPR' ? 'bpr' : 'cross-entropy';
    const check = checkOf(kind, fixture, loss, 'all-positions');
    const { scores } = await compareModel(golden, check, outputs);
    const items = config.n_items_with_padding;
    const pairs = inputs.item_id.data.map((item, row) => scores[row * items + item]);
    golden.compare('output', 'outputs.pair_scores', pairs, outputs.pair_scores);
    await compareSteps(golden, check, 'adam', fixture.adam);
    if (!variant) return;
    // The other way of training: one row a prefix.
    const paired = checkOf(kind, { ...fixture, grads: variant.grads }, 'bpr', 'prefixes');
    const found = await forwardAndBackward(paired);
    golden.compare('loss', 'bpr_loss_variant.loss', found.loss[0], variant.loss);
    compareGradients(golden, paired, found, 'bpr_loss_variant.grads');
  });
}

/** By the model that a fixture names. */
export const recurrentChecks: Record<string, FixtureCheck> = {
  gru4rec: recurrentCheck({
    name: 'gru4rec',
    gru: 'gru_layers',
    names: linearNames('output', 'dense.'),
    build(given, items) {
      const settings = gru4recSchema.parse(given);
      return { model: gru4recModel(settings, { users: 0, items }), settings };
    },
  }),
  narm: recurrentCheck({
    name: 'narm',
    gru: 'gru',
    names: [
      { ours: 'attention/key', theirs: 'a_1.weight', transposed: true },
      { ours: 'attention/query', theirs: 'a_2.weight', transposed: true },
      { ours: 'attention/energy', theirs: 'v_t.weight', transposed: true },
      weightName('output', 'b.'),
    ],
    build(given, items) {
      const settings = narmSchema.parse({ ...given, contextDropout: 0 });
      return { model: narmModel(settings, { users: 0, items }), settings };
    },
  }),
};

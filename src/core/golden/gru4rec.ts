import { gru4recModel, gru4recSchema } from '../families/next-item/gru4rec.ts';
import type { RecurrentFixture } from './recurrent.ts';

export const gru4recFixture: RecurrentFixture = {
  name: 'gru4rec',
  gru: 'gru_layers',
  names: [
    { ours: 'output/weight', theirs: 'dense.weight', transposed: true },
    { ours: 'output/bias', theirs: 'dense.bias' },
  ],
  build(given, items) {
    const settings = gru4recSchema.parse(given);
    return { model: gru4recModel(settings, { users: 0, items }), settings };
  },
};

import { narmModel, narmSchema } from '../families/next-item/narm.ts';
import type { RecurrentFixture } from './recurrent.ts';

export const narmFixture: RecurrentFixture = {
  name: 'narm',
  gru: 'gru',
  names: [
    { ours: 'attention/key', theirs: 'a_1.weight', transposed: true },
    { ours: 'attention/query', theirs: 'a_2.weight', transposed: true },
    { ours: 'attention/energy', theirs: 'v_t.weight', transposed: true },
    { ours: 'output/weight', theirs: 'b.weight', transposed: true },
  ],
  build(given, items) {
    const settings = narmSchema.parse({ ...given, contextDropout: 0 });
    return { model: narmModel(settings, { users: 0, items }), settings };
  },
};

import { z } from 'zod';
import { fuxiModel, fuxiSchema } from '../families/next-item/fuxi-alpha.ts';
import type { NextItemFixture } from './next-item.ts';
import { openingNames, relativeConfig, relativeSettings } from './relative.ts';

const config = relativeConfig.extend({ ffn_multiply: z.number().int().positive() });

export const fuxiFixture: NextItemFixture<z.output<typeof config>> = {
  name: 'fuxi',
  config,
  build(given) {
    const settings = fuxiSchema.parse({ ...relativeSettings(given), ffnMultiplier: given.ffn_multiply });
    return { model: fuxiModel(settings, { users: 0, items: given.max_item_id }), settings };
  },
  names: ({ blocks }) =>
    Array.from({ length: blocks }, (_, i) => {
      const [ours, theirs] = [`blocks/${i}`, `_fuxi._attention_layers.${i}`];
      return [
        ...openingNames(ours, theirs),
        { ours: `${ours}/out/weight`, theirs: `${theirs}._mffn.lin0.weight`, transposed: true },
        { ours: `${ours}/out/bias`, theirs: `${theirs}._mffn.lin0.bias` },
        { ours: `${ours}/ffn/gate/weight`, theirs: `${theirs}._mffn.lin1.weight`, transposed: true },
        { ours: `${ours}/ffn/down/weight`, theirs: `${theirs}._mffn.lin2.weight`, transposed: true },
        { ours: `${ours}/ffn/up/weight`, theirs: `${theirs}._mffn.lin3.weight`, transposed: true },
      ];
    }).flat(),
};

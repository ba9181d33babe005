import type { z } from 'zod';
import { hstuModel, hstuSchema } from '../families/next-item/hstu.ts';
import type { NextItemFixture } from './next-item.ts';
import { openingNames, relativeConfig, relativeSettings } from './relative.ts';

export const hstuFixture: NextItemFixture<z.output<typeof relativeConfig>> = {
  name: 'hstu',
  config: relativeConfig,
  build(given) {
    const settings = hstuSchema.parse(relativeSettings(given));
    return { model: hstuModel(settings, { users: 0, items: given.max_item_id }), settings };
  },
  names: ({ blocks }) =>
    Array.from({ length: blocks }, (_, i) => {
      const [ours, theirs] = [`blocks/${i}`, `_hstu._attention_layers.${i}`];
      return [
        ...openingNames(ours, theirs),
        { ours: `${ours}/out/weight`, theirs: `${theirs}._o.weight`, transposed: true },
        { ours: `${ours}/out/bias`, theirs: `${theirs}._o.bias` },
      ];
    }).flat(),
};

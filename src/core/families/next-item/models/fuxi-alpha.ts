import { z } from 'zod';
import { dropout } from '../../../engine/index.ts';
import {
  causalMix,
  dropoutMask,
  entryMaps,
  fuxiBlock,
  fuxiSpecs,
  type Layer,
  layer,
  mergeHeads,
  mixByPosition,
  pointwiseAttention,
  positionBiasTable,
  type RelativeMaps,
  splitHeads,
  timeBiasTable,
} from '../../../layers/index.ts';
import { field } from '../../../training/config.ts';
import { encoderEssentials } from '../encoder-config.ts';
import { type DataSizes, trained } from '../next-item-model.ts';
import { mapsOf, normaliserOf, relativeFields, relativeInput, spanOf } from '../relative-bias.ts';
import { SequenceEncoder } from '../sequence-encoder.ts';

/** Positional, temporal, semantic. */
const CHANNELS = 3;

export const fuxiSchema = z.object({
  ...relativeFields,
  ffnMultiplier: field.positiveInt('Width of the gated feed-forward layer, as a multiple of dim').default(1),
});

export type FuxiConfig = z.output<typeof fuxiSchema>;

/** A block whose values are mixed by position, by time and by content. */
function fuxiLayer(config: FuxiConfig): Layer<RelativeMaps> {
  const { dim, heads, dqk, dv, ffnMultiplier, dropout: rate } = config;
  const sizes = { dim, heads, dqk, dv, channels: CHANNELS, ffnDim: ffnMultiplier * dim };
  const { uvqk, ...others } = fuxiSpecs(sizes);
  return layer({
    parameters: {
      uvqk,
      timeBias: timeBiasTable(),
      positionBias: positionBiasTable(spanOf(config)),
      ...others,
    },
    masks: ({ rows, length }) => ({
      mixed: dropoutMask(rate, rows, length, CHANNELS * heads * dv),
      ffn: dropoutMask(rate, rows, length, dim),
    }),
    forward: (x, p, m, { distances, buckets }) =>
      fuxiBlock(x, p, {
        ...sizes,
        mix: (v, q, k) => {
          // In this order, in which the gradients of v are summed: another one rounds differently.
          const byPosition = mixByPosition(entryMaps({ table: p.positionBias, ids: distances }), v);
          const [queries, keys, values] = [q, k, v].map((part) => splitHeads(part, heads));
          const byContent = pointwiseAttention(queries, keys, values, null, normaliserOf(config));
          return [
            byPosition,
            causalMix(entryMaps({ table: p.timeBias, ids: buckets ?? [] }), v),
            mergeHeads(byContent),
          ];
        },
        drop: (value, index) => dropout(value, index === 0 ? m?.mixed : m?.ffn, rate),
      }),
  });
}

/** FuXi-alpha (Ye et al. 2025): adaptive attention in three channels, then a feed-forward network in two stages. */
export function fuxiModel(config: FuxiConfig, sizes: DataSizes): SequenceEncoder<RelativeMaps> {
  return new SequenceEncoder(config, sizes, {
    blocks: Array.from({ length: config.blocks }, () => fuxiLayer(config)),
    context: (inputs, shape) => mapsOf(config, inputs, shape),
    input: relativeInput(config),
    columns: { times: config.targetTime },
  });
}

export const fuxiAlpha = trained({
  id: 'fuxi-alpha',
  title: 'FuXi-α',
  summary: 'HSTU with time and position kept apart.',
  group: 'sequential',
  paper: {
    title: 'FuXi-α: Scaling Recommendation Model with Feature Interaction Enhanced Transformer',
    authors: 'Yufei Ye, Wei Guo, Jin Yao Chin, Hao Wang, Hong Zhu, and others',
    year: 2025,
    where: 'WWW 2025 Companion, arXiv:2502.03036',
  },
  essentials: encoderEssentials,
  configSchema: fuxiSchema,
  build: fuxiModel,
});

import { z } from 'zod';
import { dropout } from '../../../engine/index.ts';
import {
  causalMix,
  distanceIds,
  dropoutMask,
  entryMaps,
  fuxiBlock,
  fuxiSpecs,
  type Layer,
  type LogTimes,
  layer,
  logTimes,
  mixByPosition,
  type PairIds,
  positionBiasTable,
  powerBiasMaps,
  powerBiasSpecs,
} from '../../../layers/index.ts';
import { field } from '../../../training/config.ts';
import { encoderEssentials } from '../encoder-config.ts';
import { type DataSizes, trained } from '../next-item-model.ts';
import { relativeFields, relativeInput } from '../relative-bias.ts';
import { SequenceEncoder } from '../sequence-encoder.ts';

/** Positional, temporal. */
const CHANNELS = 2;

export const fuxiBetaSchema = z
  .object({
    ...relativeFields,
    ffnMultiplier: field
      .positiveInt('Width of the gated feed-forward layer, as a multiple of dim')
      .default(1),
  })
  .omit({ dqk: true, normaliser: true });

export type FuxiBetaConfig = z.output<typeof fuxiBetaSchema>;

interface Maps {
  /** Entries of the table of positions. */
  distances: PairIds;
  times: LogTimes;
}

/** A block whose token mixer has no queries and keys: values are mixed by position and by a power of the time. */
function fuxiBetaLayer({
  dim,
  heads,
  dv,
  ffnMultiplier,
  maxLength,
  dropout: rate,
}: FuxiBetaConfig): Layer<Maps> {
  const sizes = { dim, heads, dqk: 0, dv, channels: CHANNELS, ffnDim: ffnMultiplier * dim };
  const { uvqk, ...others } = fuxiSpecs(sizes);
  return layer({
    parameters: {
      uv: uvqk,
      timeBias: powerBiasSpecs(),
      positionBias: positionBiasTable(maxLength),
      ...others,
    },
    masks: ({ rows, length }) => ({
      mixed: dropoutMask(rate, rows, length, CHANNELS * heads * dv),
      ffn: dropoutMask(rate, rows, length, dim),
    }),
    forward: (x, p, m, { distances, times }) =>
      fuxiBlock(
        x,
        { uvqk: p.uv, out: p.out, ffn: p.ffn },
        {
          ...sizes,
          mix: (v) => [
            mixByPosition(entryMaps({ table: p.positionBias, ids: distances }), v),
            causalMix(powerBiasMaps(p.timeBias, times), v),
          ],
          drop: (value, index) => dropout(value, index === 0 ? m?.mixed : m?.ffn, rate),
        },
      ),
  });
}

/** FuXi-beta (Ye et al. 2025): FuXi-alpha without its channel of content, and with a function in place of time buckets. */
export function fuxiBetaModel(config: FuxiBetaConfig, sizes: DataSizes): SequenceEncoder<Maps> {
  return new SequenceEncoder(config, sizes, {
    blocks: Array.from({ length: config.blocks }, () => fuxiBetaLayer(config)),
    context: ({ times, queryTimes }, { length }) => ({
      distances: distanceIds(length, config.maxLength),
      times: logTimes({ queries: queryTimes, keys: times }),
    }),
    input: relativeInput(config),
    columns: { times: config.targetTime },
  });
}

export const fuxiBeta = trained({
  id: 'fuxi-beta',
  title: 'FuXi-β',
  summary: 'FuXi-α without queries and keys.',
  group: 'sequential',
  paper: {
    title: 'FuXi-β: Towards a Lightweight and Fast Large-Scale Generative Recommendation Model',
    authors: 'Yufei Ye, Wei Guo, Hao Wang, Hong Zhu, Yuyang Ye, and others',
    year: 2025,
    where: 'arXiv:2508.10615',
  },
  essentials: encoderEssentials,
  configSchema: fuxiBetaSchema,
  build: fuxiBetaModel,
});

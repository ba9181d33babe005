/** Choices and notes of studies, shared with the window. */

/** Models that have a published base and Large. */
export const BASE_LARGE_MODELS = ['sasrec', 'llama', 'hstu', 'fuxi-alpha'] as const;
/** Data sets that they have published settings for. */
export const BASE_LARGE_SETTINGS = ['ml-1m', 'ml-20m', 'kuairand'] as const;
/** Of base and Large in the FuXi-α table. */
export const BASE_LARGE_BLOCKS = [2, 8] as const;

/** Shown beside every view of depth against width. Quoted from notes on the paper; not measured here. */
export const DEPTH_WIDTH_NOTE =
  'Zhang et al. 2024 (RecSys, "Scaling law of large sequential recommendation models") report that at a like number ' +
  'of parameters the ratio of depth and width matters little, but that width alone collapses: 2 layers of width ' +
  '1,200 reach HR@10 .0976 on their data. That is their finding, not a result of this study.';

/** Width, blocks and heads of the published ladder (Zhang et al. 2024, RecSys): N = 12 · blocks · width², 98K to 829M. */
const LADDER = [
  [64, 2, 2],
  [128, 4, 4],
  [128, 8, 4],
  [256, 12, 8],
  [512, 24, 8],
  [1200, 48, 24],
] as const;

/**
 * The published ladder as sizes of a model. SASRec's own feed-forward layer is as wide as its blocks: it takes the four
 * times wider one of the paper, so that its N is the published one. LLaMa's gated layer has as many weights by itself.
 */
export function publishedSizes(model: string): string[] {
  return LADDER.map(([width, ...rest]) =>
    [width, ...rest, ...(model === 'sasrec' ? [4 * width] : [])].join('x'),
  );
}

/**
 * Depth against width: two numbers of parameters in blocks, each as one wide block, four, and sixteen narrow ones
 * (blocks · width² is the same).
 */
export const DEPTH_WIDTH_SIZES = ['64x1', '32x4', '16x16', '128x1', '64x4', '32x16'];

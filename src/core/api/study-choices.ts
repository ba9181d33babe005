/** What a study may be asked for, and what is said beside it: known to the window, too. */

/** Models that have a published base and Large. */
export const BASE_LARGE_MODELS = ['sasrec', 'llama', 'hstu', 'fuxi-alpha'] as const;
/** Data sets that they have published settings for. */
export const BASE_LARGE_SETTINGS = ['ml-1m', 'ml-20m', 'kuairand'] as const;
/** Of base and Large in the FuXi-α table. */
export const BASE_LARGE_BLOCKS = [2, 8] as const;

/** Said beside every view of depth against width. Of the paper, through notes that transcribe it; not measured here. */
export const DEPTH_WIDTH_NOTE =
  'Zhang et al. 2024 (RecSys, "Scaling law of large sequential recommendation models") report that at a like number ' +
  'of parameters the ratio of depth and width matters little, but that width alone collapses: 2 layers of width ' +
  '1,200 reach HR@10 .0976 on their data. That is their finding, not a result of this study.';

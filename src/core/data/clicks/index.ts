export { HISTORY_FEATURES, ratingTask } from './from-interactions.ts';
export {
  type ClickData,
  type ClickDataOptions,
  featureNames,
  labelsObstacle,
  openClickData,
} from './open.ts';
export { type HistoryCandidates, type RowSequence, UserSequences } from './sequences.ts';
export { rowsOfPart, TEST, TRAIN, UNUSED, VALID } from './split.ts';
export type { ClickTable, DenseColumn, FeatureColumn } from './types.ts';

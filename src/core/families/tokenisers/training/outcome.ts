import type { ItemSpace, SemanticIds } from '../../../semantic-ids/types.ts';

/** What fitting or training by steps returns; the run's folder has the IDs by then. */
export interface TokeniserOutcome {
  epochs: number;
  selectedEpoch: number;
  seconds: number;
  ids: SemanticIds;
  /** Null where the tokeniser reads no content. */
  space: ItemSpace | null;
}

/** Groups of IDs as a policy drew them for a step of a training by reward. */
import type { NamedItem } from './items.ts';

export interface DrawnId {
  codes: number[];
  /** 0 where no other item has these codes. */
  collisionToken: number;
  /** The first item of the ID, and how many more have it. */
  item: NamedItem;
  others: number;
}

/** What was drawn for one history of the training part. */
export interface DrawnGroup {
  /** Id as in the imported files. */
  user: string;
  /** What came next. */
  next: DrawnId;
  /** By falling probability of the whole ID. */
  ids: (DrawnId & { probability: number; isNext: boolean; reward: number; advantage: number })[];
}

/** Some groups of the last step before a validation. */
export interface DrawnEpoch {
  epoch: number;
  step: number;
  /** Groups of that step, of which some were kept. */
  groupsDrawn: number;
  groups: DrawnGroup[];
}

export interface KeptGroups {
  /** Validated epochs with groups, in their order. */
  epochs: number[];
  /** That which was asked for, else the latest; null where nothing was kept. */
  shown: DrawnEpoch | null;
}

/** What an evaluation leaves behind, from which every metric, slice and test is a later query. */

export type EvaluationSplit = 'valid' | 'test';

/** One row a user, all arrays of the same length [users evaluated]. */
export interface UserRanks {
  split: EvaluationSplit;
  /** Candidates ranked for each user before the history filter. */
  candidates: number;
  /** Dense user ids. */
  users: Int32Array;
  /** Dense ids of the held-out items. */
  targets: Int32Array;
  /** 1-based rank of the target; ties count against the model. */
  ranks: Int32Array;
  /** Interactions the model was given. */
  historyLengths: Int32Array;
  /** Length of each row of `topItems`. */
  topK: number;
  /** [users, topK] best items, best first, -1 where there are fewer; empty when topK is 0. */
  topItems: Int32Array;
}

/** What must be equal for two results to be comparable. Hashed into the protocol fingerprint. */
export interface Protocol {
  /** Data set fingerprint. */
  dataset: string;
  split: 'leave-last-out';
  /** Which held-out item the metrics are of. */
  target: EvaluationSplit;
  /** Order of equal time stamps, as chosen at the import. */
  ties: string;
  candidates: 'interacted-items' | 'catalogue';
  /** Items of the history that are never candidates. */
  historyFilter: 'all' | 'window' | 'none';
  rankTies: 'pessimistic';
  cutoffs: number[];
  /**
   * What chose the evaluated checkpoint: the validation items (or nothing was to be chosen), the last epoch,
   * or the test items themselves, as some papers do.
   */
  selection: 'validation' | 'final-epoch' | 'test';
  /** Whether the model may use the validation item as history when the test item is predicted. */
  testHistory: 'with-validation-item';
}

/** Differences between two rows of runs, and what tests say of them. */
import type { ItemFacts } from '../list-values.ts';
import type { PracticalTest } from '../practical/index.ts';
import type { ClickPredictions } from '../predictions.ts';
import type { SliceResult } from '../slices.ts';
import type { Protocol, UserRanks } from '../types.ts';

/** What tests take of a run. */
export interface TestedRun {
  /** Names such as "test/ndcg@10". */
  metrics: Record<string, number>;
  protocol?: Protocol | null;
  /** How a run of version 1 has come to see what it holds out; later ones are refused. */
  seenHeldOut?: string | null;
  /**
   * Per-user results, one entry a split; tests need those of the split that the metrics are of. Each iteration may read them again, so
   * that only the runs under test are in memory.
   */
  ranks?: Iterable<UserRanks> | null;
  /** The same with their lists, and what is known of the items in them: both where metrics of lists are to be tested. */
  lists?: Iterable<UserRanks> | null;
  items?: ItemFacts | null;
  /** Predictions of a ranking model, likewise. */
  predictions?: Iterable<ClickPredictions> | null;
}

/** A metric of both rows over the same users, or rows of a click log. */
export interface SharedMeans {
  baseline: number;
  row: number;
}

/** A difference to the baseline and its test. p-values are two-sided. */
interface TestedDifference {
  /** What was paired: users, or rows of a click log. */
  unit: 'users' | 'rows';
  /** How many of them, in both rows. */
  count: number;
  /** Mean difference over them. */
  difference: number;
  /** 95 %: BCa bootstrap; of DeLong's test the normal one, of a slice of users Student's. */
  interval: [number, number];
  /** Of the test. */
  p: number;
  /** Whether that is Wilcoxon's exact test, because so few values differ that a t-test of them is none. */
  exact: boolean;
  /** The same after Holm, over what is tested together. */
  holm: number;
  /** Whether `holm` is below 0.05. */
  significant: boolean;
  wins: number;
  ties: number;
  losses: number;
}

/** Values of single users or rows: Student's paired t and Wilcoxon's signed-rank test, one of which is the test. */
export interface PairedTest extends TestedDifference {
  test: 't';
  bootstrapP: number;
  t: { p: number; holm: number };
  /** A sign test where all that differ do so by as much, as hits do: the ranks of the signs are then equal. */
  wilcoxon: { method: 'exact' | 'normal'; isSignTest: boolean; p: number; holm: number };
  cohenDz: number;
  /** Where it was asked for. */
  practical?: PracticalTest;
}

/** Two AUCs, which have no value a row: DeLong's test. */
export interface AucTest extends TestedDifference {
  test: 'delong';
}

export type Significance = PairedTest | AucTest;

/** Users of a slice: the test and Student's interval alone, for there are many slices. */
export interface SliceTest extends TestedDifference {
  test: 'student';
}

/** Metrics of a row in one slice, means over its seeds, and beside a baseline the tests. */
export interface ComparedSlice extends SliceResult {
  /**
   * Row minus baseline by metric; the Holm fields are over the rows and slices of one kind. Only of rows of the baseline's
   * protocol.
   */
  differences?: Record<string, Significance | SliceTest>;
}

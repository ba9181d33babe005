/** What an evaluation leaves behind, from which every metric, slice and test is a later query. */
import type { SplitSettings, StatedSplit } from '../data/splits/index.ts';
import type { NegativesRule } from './negatives.ts';

/** final: the test items ranked by the last epoch, where an earlier one was selected on them. */
export type EvaluationSplit = 'valid' | 'test' | 'final';

/** The length of a list beyond which nothing is left to be known. */
export const WHOLE = 2 ** 31 - 1;

/** As `unknownSources` state a pretrained model that training began with. */
export const PRETRAINED = 'weights of a folder';

/** One row a user, or one a target of users with several; all arrays of the same length. */
export interface UserRanks {
  split: EvaluationSplit;
  /**
   * Where users have several targets, whose rows then stand behind each other: all are ranked in one list, which the first of these rows has,
   * or each with what came before it in a list of its own.
   */
  several?: 'all' | 'successive';
  /** Candidates ranked for each user before the history filter. */
  candidates: number;
  /** Dense user ids. */
  users: Int32Array;
  /** Dense ids of the held-out items. */
  targets: Int32Array;
  /** 1-based rank of the target; ties count against the model. */
  ranks: Int32Array;
  /**
   * Of lists of another program, how many items of each are known, beyond which a rank is not: `WHOLE` where it is, 0 for a user without
   * a list, who counts as missed. Absent where every rank is known.
   */
  lengths?: Int32Array;
  /** Interactions the model was given. */
  historyLengths: Int32Array;
  /**
   * Mean over users of -log softmax of the target among all candidates (nats), the history filter aside; absent where
   * the model is trained on no softmax.
   */
  crossEntropy?: number;
  /** Length of each row of `topItems`. */
  topK: number;
  /** [users, topK] best items, best first, -1 where there are fewer; empty when topK is 0. */
  topItems: Int32Array;
}

/** What must be equal for two results to be comparable. Hashed into the protocol fingerprint. */
export type Protocol = NextItemProtocol | TokeniserProtocol | ClickProtocol | LanguageProtocol;

/** A field of any of them. */
export type ProtocolField = Protocol extends infer One ? (One extends Protocol ? keyof One : never) : never;

/** What protocols of every task state alike. */
interface ProtocolBasis {
  /** Absent from results of version 1, which states nothing of what follows, nor hashes of ratings, times and actions. */
  version?: 2;
  /** What each source run was trained on, after the config key that names it. */
  sources?: string[];
  /** What the results rest on that was made elsewhere: nobody can say what it has seen. */
  unknownSources?: string[];
  /** Files that are not part of Tessera, each with its SHA-256. */
  plugins?: string[];
  /** Splits of which not all users were evaluated, as `statedSamples` writes them. */
  samples?: string[];
}

/** Hashes of columns that the data set's fingerprint does not cover, where labels or the split rest on them. */
interface ColumnHashes {
  ratings?: string;
  times?: string;
  actions?: string;
}

/** Of models that rank items for a user. It names no task, so that fingerprints from before there were others stay. */
export interface NextItemProtocol extends ProtocolBasis, Pick<ColumnHashes, 'times'>, Partial<SplitSettings> {
  task?: undefined;
  /** Data set fingerprint. */
  dataset: string;
  /** The split, whose settings are stated, too. */
  split: StatedSplit;
  /** Of a result of another program that nobody has said to be of this split. */
  splitKnown?: 'no';
  /** Which held-out item the metrics are of. */
  target: 'valid' | 'test';
  /** Of the held-out interactions of a user; the first one where it is left out. */
  targets?: UserRanks['several'];
  /** Order of equal time stamps, as chosen at the import: "file" or "shuffle(seed)". */
  ties: string;
  candidates: 'interacted-items' | 'catalogue' | 'sampled';
  /** Number of candidates where they are the catalogue, which the data set's fingerprint does not cover. */
  catalogueItems?: number;
  /** Number of candidates a user where they are a sample with the target. */
  sampledItems?: number;
  /** How this program drew them, and by what seed. */
  sampledBy?: NegativesRule['by'];
  sampledSeed?: number;
  /** Items of the history that are never candidates. */
  historyFilter: 'all' | 'window' | 'none';
  /** Most recent interactions that the filter `window` spans. */
  historyWindow?: number;
  rankTies: 'pessimistic';
  /**
   * Ranks kept: larger ones, and those of targets that the history filter removes, count as one more. Without it
   * every rank counts and the filter never removes a target.
   */
  rankLimit?: number;
  cutoffs: number[];
  /**
   * What chose the evaluated checkpoint: the validation items (or nothing was to be chosen), the last epoch,
   * or the test items themselves, as some papers do; of another program what nobody said is unknown.
   */
  selection: 'validation' | 'final-epoch' | 'test' | 'unknown';
  /** What the model is given when the test item is predicted: everything before it. */
  testHistory: 'with-validation-item' | 'all-before-target';
  /** Whether a model that reads times knows that of the interaction it predicts; left out where it reads none. */
  targetTime?: 'seen' | 'hidden';
  /** Share of the test targets' items that were hidden from training, and the seed that drew them. */
  coldItems?: number;
  coldSeed?: number;
  /** How a model that generates its lists does it; a target that is not generated has the last rank. */
  generation?: string;
}

/** Of tokenisers: their Semantic IDs are measured on the items of one data set. */
export interface TokeniserProtocol extends ProtocolBasis, Partial<SplitSettings> {
  task: 'tokeniser';
  /** Data set fingerprint. */
  dataset: string;
  /** Items that have an ID or could have one. */
  items: number;
  /** That of the run whose vectors they are made from, where it is not the usual one: measures of use count what that was trained on. */
  split?: StatedSplit;
}

/** Of models that predict clicks: labelled rows, parted by a rule. */
export interface ClickProtocol extends ProtocolBasis, ColumnHashes {
  task: 'ranking';
  /** Data set fingerprint. */
  dataset: string;
  /** Where the labels come from: a column, ratings, recorded actions, or sampled negatives behind every positive. */
  labels: 'given' | 'rating' | 'actions' | 'sampled';
  /** Names of the predicted labels, the main one first. */
  tasks: string[];
  /** Negatives behind each positive, drawn uniformly from the items that its user has in no row. */
  negatives?: number;
  split: 'random' | 'time' | 'last' | 'day-parts';
  /** Shares of the rows for validation and test (random, time). */
  validShare?: number;
  testShare?: number;
  /** Share of the items hidden from training and validation. */
  hiddenItems?: number;
  /** Of the random split, the hidden items and the negatives; left out where none is drawn. */
  splitSeed?: number;
  target: 'valid' | 'test';
  /** What chose the evaluated checkpoint. */
  selection: 'validation' | 'final-epoch';
}

/** Of language models: what they answer to a question about the last interaction of some users. */
export interface LanguageProtocol extends ProtocolBasis, ColumnHashes {
  task: 'language';
  /** Data set fingerprint. */
  dataset: string;
  split: 'leave-last-out';
  target: 'test';
  /** Order of equal time stamps, as chosen at the import. */
  ties: string;
  question: 'like';
  /** What is a yes, for example "rating >= 4". */
  labels: string;
  /** Users asked about. */
  users: number;
}

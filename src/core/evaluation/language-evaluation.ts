/** What an evaluation of a language model finds, as it is kept beside the run. Types and one number: the window reads it too. */

/** Answers to "does the member like it?". */
export interface AnswerFigures {
  questions: number;
  auc: number;
  /** 95 %, after DeLong et al. */
  interval: [number, number];
  logloss: number;
  ece: number;
}

/** The same questions answered by baselines that do not read the prompt. */
export interface BaselineFigures {
  name: string;
  auc: number;
  interval: [number, number];
  /** Null if the scores are not probabilities. */
  logloss: number | null;
  ece: number | null;
  /** The baseline's AUC minus the language model's, its 95 % interval and Holm-adjusted p (DeLong et al.). */
  difference: { value: number; interval: [number, number]; p: number };
}

export interface CalibrationFigure {
  count: number;
  meanProbability: number;
  meanLabel: number;
}

/** Ranks of the held-out item among a list of candidates. */
export interface RerankFigures {
  /** Whose scores ordered the list. */
  name: string;
  /** Over all users; a user whose held-out item is not a candidate counts 0. */
  all: ListFigures;
  /** Over the users whose held-out item is a candidate; null if there is none. */
  covered: ListFigures | null;
}

export interface ListFigures {
  hr1: number;
  hr5: number;
  hr10: number;
  ndcg10: number;
}

/** Evaluations in a format that is not read must be measured again. */
export const EVALUATION_FORMAT = 3;
/** Without controls, and without whom it asked. */
export const FORMER_FORMAT = 2;

/** Whom an evaluation asked, and beside whom. */
export interface AskedOf {
  /** Users asked, of all that could be, and of these the ones of the other tests. */
  users: number;
  ofUsers: number;
  fewerUsers: number;
  /** Drawn beside each held-out item. */
  candidates: number;
  /** Names of runs; null where no run's best items were ranked again. */
  retriever: string | null;
  against: string[];
}

/** What `language evaluate` measures and keeps beside the run. */
export interface LanguageEvaluation {
  format: typeof EVALUATION_FORMAT;
  /** Unix milliseconds. */
  measuredAt: number;
  /** Null where an earlier version did not record it. */
  asked: AskedOf | null;
  answers: AnswerFigures;
  /** The same questions of fewer users asked otherwise, and as they were asked. */
  controls: { name: string; figures: AnswerFigures }[];
  /** Of items that no training interaction has; null where these are too few. */
  coldItems: AnswerFigures | null;
  /** Baselines: item popularity, item likes, other runs. Stored under this name. */
  rivals: BaselineFigures[];
  calibration: CalibrationFigure[];
  /** By the maximum number of past interactions shown. */
  shots: { shots: number; meanShown: number; figures: AnswerFigures }[];
  /** By number of interactions before the question; `to` is null without an upper bound. */
  histories: { from: number; to: number | null; figures: AnswerFigures }[];
  unseenWording: AnswerFigures | null;
  tasks: { task: string; trained: boolean; questions: number; accuracy: number; chance: number }[];
  reranks: Rerank[];
}

/** The candidates are named because these numbers cannot be compared with full ranking. */
export interface Rerank {
  kind: 'drawn' | 'retrieved';
  candidates: string;
  users: number;
  /** Users whose held-out item is among the candidates. */
  covered: number;
  figures: RerankFigures[];
  millisecondsPerCandidate: number;
}

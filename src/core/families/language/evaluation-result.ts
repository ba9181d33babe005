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

/** The same questions answered by what does not read the prompt. */
export interface RivalFigures {
  name: string;
  auc: number;
  interval: [number, number];
  /** Null where the scores are no probabilities. */
  logloss: number | null;
  ece: number | null;
  /** Its AUC minus the language model's, with a 95 % interval and a Holm-adjusted p after DeLong et al. */
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
  /** Over all users; one whose held-out item is no candidate counts 0. */
  all: ListFigures;
  /** Over the users whose held-out item is a candidate; null where there is none. */
  covered: ListFigures | null;
}

export interface ListFigures {
  hr1: number;
  hr5: number;
  hr10: number;
  ndcg10: number;
}

/** Evaluations of another format are measured anew. */
export const EVALUATION_FORMAT = 2;

/** What `language evaluate` measures and keeps beside the run. */
export interface LanguageEvaluation {
  format: typeof EVALUATION_FORMAT;
  /** Unix milliseconds. */
  measuredAt: number;
  answers: AnswerFigures;
  /** Item popularity, item likes, other runs. */
  rivals: RivalFigures[];
  calibration: CalibrationFigure[];
  /** By past interactions shown at most. */
  shots: { shots: number; meanShown: number; figures: AnswerFigures }[];
  /** By interactions before the question; `to` is null without an upper end. */
  histories: { from: number; to: number | null; figures: AnswerFigures }[];
  unseenWording: AnswerFigures | null;
  tasks: { task: string; trained: boolean; questions: number; accuracy: number; chance: number }[];
  reranks: Rerank[];
}

/** The candidates are named, for such numbers never stand beside those of full ranking. */
export interface Rerank {
  kind: 'drawn' | 'retrieved';
  candidates: string;
  users: number;
  /** Of them, users whose held-out item is among the candidates. */
  covered: number;
  figures: RerankFigures[];
  millisecondsPerCandidate: number;
}

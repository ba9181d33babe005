/** What an evaluation of a language model needs. */
import type { Split } from '../../data/splits/split.ts';
import type { Decoder } from '../../decoders/decoder.ts';
import type { DeviceContext } from '../../engine/index.ts';
import type { ClickPredictions } from '../../evaluation/predictions.ts';
import type { NamedTensor } from '../../files/safetensors.ts';
import type { ScoredRun, ScoreUsers } from '../../training/ranking/scorer.ts';
import type { Verbaliser } from './text/prompt.ts';
import type { Task } from './text/template.ts';

/** A run that answers the same questions as the language model. */
export type Baseline =
  /** It ranks items, and scores the whole catalogue. */
  | ({ kind: 'scores' } & ScoredRun)
  /** It predicts clicks; the predictions of its test rows are kept with it. */
  | { kind: 'predictions'; name: string; predictions: ClickPredictions };

export interface LanguageEvaluationOptions {
  verbaliser: Verbaliser;
  split: Split;
  decoder: Decoder;
  parameters: Record<string, NamedTensor>;
  trainedTasks: readonly Task[];
  device: DeviceContext;
  /** Users in the evaluation; 0 takes all. */
  users: number;
  /** Users of the many-shot curve, the tasks and the candidates, which cost more. */
  fewerUsers: number;
  /** Candidates of each user besides the held-out item, drawn uniformly; 0 leaves them out. */
  candidates: number;
  /** A run whose best items are another list of candidates. */
  retriever: ScoredRun | null;
  /** Scores the catalogue from other runs. */
  scoreUsers: ScoreUsers;
  /** Runs to compare with on the same questions; those that rank items, on the same candidates as well. */
  baselines: readonly Baseline[];
  signal?: AbortSignal;
  onProgress?(what: string, done: number, total: number): void;
}

/** Scores of the whole catalogue from a trained run, whatever family it is of. */
import type { Interactions } from '../../data/types.ts';
import type { DeviceContext } from '../../engine/index.ts';
import type { Config } from '../config.ts';

/** A user whose history is everything before `end`. */
export interface ScoredUser {
  user: number;
  end: number;
}

/** A run with the checkpoint that it is scored from. */
export interface ScoredRun {
  name: string;
  model: string;
  config: Config;
  /** Path of the checkpoint's safetensors file. */
  checkpoint: string;
}

export interface CatalogueScorer {
  /** One row of scores a user, [users, items]; for at most `rows` users at once. */
  scores(users: readonly ScoredUser[]): Promise<Float32Array>;
  release(): Promise<void>;
}

export interface ScorerRequest {
  config: Config;
  /** Path of the checkpoint's safetensors file. */
  checkpoint: string;
  /** With the candidates counted. */
  data: Interactions;
  /** Users scored at once. */
  rows: number;
  /** Longest history among them. Default: the longest that the model reads. */
  longest?: number;
  /** Opens the device, where the model computes on one; the scorer replaces its state. */
  device(): Promise<DeviceContext>;
}

/** Throws UserError where the checkpoint is of another model. */
export type OpenScorer = (request: ScorerRequest) => Promise<CatalogueScorer>;

/** Calls `use` with the scores of every candidate of a run, for one user after the other. The device's state is replaced. */
export type ScoreUsers = (
  run: ScoredRun,
  interactions: Interactions,
  users: readonly ScoredUser[],
  device: DeviceContext,
  use: (index: number, scores: Float32Array) => void,
  signal?: AbortSignal,
) => Promise<void>;

/** Scores of the whole catalogue from a trained run, whatever family it is of. */
import type { Interactions } from '../../data/types.ts';
import type { DeviceContext } from '../../engine/index.ts';
import type { Config } from '../config.ts';
import { type ChunkUse, chunksOf, forEachChunk } from './chunks.ts';

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

export interface CatalogueScorer extends AsyncDisposable {
  /** One row of scores a user, [users, items]; for at most `rows` users at once. */
  scores(users: readonly ScoredUser[]): Promise<Float32Array>;
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

/** Users scored at once. */
const ROWS = 16;

/** Calls `take` with the scores of every candidate for one user after the other; `userOf` is asked when it comes to each. */
export async function scoreEach<U extends ScoredUser>(
  open: OpenScorer,
  request: Omit<ScorerRequest, 'rows' | 'longest'>,
  total: number,
  userOf: (index: number) => U,
  take: (user: U, scores: Float32Array, index: number) => void | Promise<void>,
  use: ChunkUse,
): Promise<void> {
  const { items } = request.data;
  await using scorer = await open({ ...request, rows: ROWS });
  await forEachChunk(
    chunksOf(total, ROWS),
    total,
    async ({ members }) => {
      const users = members.map(userOf);
      return { users, scores: await scorer.scores(users) };
    },
    ({ users, scores }, row, index) =>
      take(users[row], scores.subarray(row * items, (row + 1) * items), index),
    use,
  );
}

/** Calls `use` with the scores of every candidate of a run, for one user after the other. The device's state is replaced. */
export type ScoreUsers = (
  run: ScoredRun,
  interactions: Interactions,
  users: readonly ScoredUser[],
  device: DeviceContext,
  use: (index: number, scores: Float32Array) => void,
  signal?: AbortSignal,
) => Promise<void>;

import { type } from '@orpc/contract';
import { z } from 'zod';
import type { PrintedBoard } from '../published/board.ts';
import { asks } from './asking.ts';
import { runId } from './runs.ts';

export type { BoardRow, BoardSource, OurResult, PrintedBoard, PrintedValue } from '../published/board.ts';

/** A data set that at least one source has results for. */
export interface PublishedDataset {
  id: string;
  title: string;
  users: number | null;
  interactions: number | null;
  /** Such as "ndcg@10", those of most sources first. */
  metrics: string[];
  /** The data set here that is taken to be it, and why; of several the one with most runs. */
  imported: { name: string; how: string } | null;
}

/** What is printed of one metric on one data set, and ours. */
export interface PublishedBoard extends PrintedBoard {
  /** Sentences on where ours were measured differently. */
  differences: string[];
}

const boardRequest = z.object({
  /** Id of a published data set. */
  dataset: z.string(),
  metric: z.string(),
  /** The runs of each row that stands as ours. Default: the best of each model by validation. */
  rows: z.array(z.array(runId).min(1)).optional(),
});

export type BoardRequest = z.output<typeof boardRequest>;

/** Published results that ship with the program. */
export const published = {
  datasets: asks(['datasets', 'runs']).output(type<PublishedDataset[]>()),
  board: asks(['datasets', 'runs', 'studies']).input(boardRequest).output(type<PublishedBoard>()),
};

/** Long work that belongs to the program: it goes on when the window or the panel that began it is closed. */
import { type } from '@orpc/contract';
import { z } from 'zod';
import type { ErrorDetails } from '../errors.ts';
import { resultImportSchema } from '../foreign/results/request.ts';
import { type TrackerSummary, trackerRequestSchema } from '../foreign/trackers/summary.ts';
import { asks, does } from './asking.ts';
import { type ExportedSplit, exportRequest } from './datasets.ts';
import { evaluationRequest } from './language.ts';
import { bundleSaveRequest, type RemadeRuns, remakeRequest, type SavedBundle } from './reproduce.ts';
import type { ImportedResults } from './results.ts';
import { modelExportRequest } from './runs.ts';

export const workRequest = z.discriminatedUnion('of', [
  /** Waits for its turn among the trainings of this machine, also over a restart; what it finds is kept with the run. */
  z.object({ of: z.literal('evaluation'), input: evaluationRequest }),
  z.object({ of: z.literal('dataset-export'), input: exportRequest }),
  z.object({ of: z.literal('model-export'), input: modelExportRequest }),
  z.object({ of: z.literal('tracker-import'), input: trackerRequestSchema }),
  z.object({ of: z.literal('result-import'), input: resultImportSchema }),
  z.object({ of: z.literal('bundle'), input: bundleSaveRequest }),
  /** Imports what of the data is missing; the runs then wait in the queue, also over a restart. */
  z.object({ of: z.literal('reproduction'), input: remakeRequest }),
]);
export type WorkRequest = z.output<typeof workRequest>;
/** As a window asks for it. */
export type WorkAsked = z.input<typeof workRequest>;

/** What each kind comes to. */
interface Results {
  evaluation: null;
  'dataset-export': ExportedSplit;
  'model-export': { folder: string; files: string[] };
  'tracker-import': TrackerSummary;
  'result-import': ImportedResults;
  bundle: SavedBundle;
  reproduction: RemadeRuns;
}

interface Shared {
  id: string;
  /** Name of the run or the data set that it is of, or where it comes from. */
  name: string;
  /** Id of that. */
  subject: string | null;
  status: 'waiting' | 'running' | 'completed' | 'failed' | 'stopped';
  /** Its present step, how much of that is done from 0 to 1 (null where that is not known), and since when, Unix milliseconds. */
  doing: string;
  fraction: number | null;
  since: number;
  problem: ErrorDetails | null;
}

export type WorkState = {
  [Of in WorkRequest['of']]: Shared & { of: Of; result: Results[Of] | null };
}[WorkRequest['of']];

export const work = {
  /** What goes on and what ended in this session, oldest first. */
  list: asks(['work', 'queue']).output(type<WorkState[]>()),
  start: does.input(workRequest).output(type<{ id: string }>()),
  /** What waits is taken away; an export or an import leaves what it has written. */
  stop: does.input(z.object({ id: z.string().max(100) })).output(type<void>()),
};

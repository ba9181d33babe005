/** Recommendations of other programs, measured as ours are. */
import { eventIterator, type } from '@orpc/contract';
import { z } from 'zod';
import { pathSchema } from '../files/path-fields.ts';
import type { ResultPhase } from '../foreign/results/columns.ts';
import type { ResultFile } from '../foreign/results/read-lists.ts';
import { resultImportSchema, resultRequestSchema } from '../foreign/results/request.ts';
import { asks, does } from './asking.ts';

export {
  LIST_ROLES,
  RESULT_PHASES,
  type ResultPhase,
  type ResultRole,
} from '../foreign/results/columns.ts';
export type { ResultFile } from '../foreign/results/read-lists.ts';

/** What a file would be kept as. */
export interface ResultPreview {
  /** The main ones: title and value as text. */
  metrics: [title: string, value: string][];
  /** What of the file can be used and what cannot. */
  facts: [name: string, texts: string[]][];
}

/** The runs that a file has become, and those that it became before. */
export interface ImportedResults {
  runs: readonly { id: string; name: string }[];
  known: readonly { id: string; name: string }[];
}

export type ResultRequest = z.input<typeof resultRequestSchema>;

export const results = {
  /** What the beginning of a file says. */
  look: asks([])
    .input(z.object({ path: pathSchema }))
    .output(type<ResultFile>()),
  preview: asks(['datasets'])
    .input(resultRequestSchema)
    .output(eventIterator(type<{ phase: ResultPhase }>(), type<ResultPreview>())),
  import: does
    .input(resultImportSchema)
    .output(eventIterator(type<{ phase: ResultPhase }>(), type<ImportedResults>())),
};

/** Recommendations of other programs, measured as ours are. */
import { eventIterator, type } from '@orpc/contract';
import { z } from 'zod';
import type { ResultFact } from '../documents/result-words.ts';
import { pathSchema } from '../files/path-fields.ts';
import type { Part, ResultProgress } from '../foreign/results/columns.ts';
import type { ResultFile } from '../foreign/results/read-lists.ts';
import { resultImportSchema, resultRequestSchema } from '../foreign/results/request.ts';
import type { UnknownFact } from '../foreign/results/unknown.ts';
import { asks, does } from './asking.ts';

export type { ResultFact } from '../documents/result-words.ts';
export {
  LIST_ROLES,
  type Part,
  partKey,
  RESULT_PHASES,
  type ResultPhase,
  type ResultProgress,
  type ResultRole,
} from '../foreign/results/columns.ts';
export { FIRST_USERS } from '../foreign/results/lists.ts';
export type { ResultFile } from '../foreign/results/read-lists.ts';
export { NEARLY_ALL, UNKNOWN_FACTS, type UnknownFact } from '../foreign/results/unknown.ts';

/** One of the results of a file. */
export interface PreviewedResult {
  /** Model, fold and seed where the file names them. */
  part: Part;
  /** The main ones: title and value as text. */
  metrics: [title: string, value: string][];
  /** Users with a held-out item, and those of them with a list. */
  users: { tested: number; listed: number };
  /** What of the file can be used and what cannot. */
  facts: ResultFact[];
  /** Which file showed that it is of this split. */
  manifest: string | null;
  unknown: UnknownFact[];
}

/** What a file would be kept as. */
export interface ResultPreview {
  results: PreviewedResult[];
  /** The runs that the same file became before. */
  known: readonly { id: string; name: string }[];
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
    .output(eventIterator(type<ResultProgress>(), type<ResultPreview>())),
  import: does
    .input(resultImportSchema)
    .output(eventIterator(type<ResultProgress>(), type<ImportedResults>())),
};

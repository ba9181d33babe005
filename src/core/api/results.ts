/** Recommendations of other programs, measured as ours are. */
import { eventIterator, oc, type } from '@orpc/contract';
import { z } from 'zod';
import { pathSchema } from '../files/path-fields.ts';
import { RESULT_ROLES, type ResultPhase } from '../foreign/results/columns.ts';
import type { ResultFile } from '../foreign/results/read-lists.ts';
import { datasetReference } from './datasets.ts';

export {
  RESULT_PHASES,
  RESULT_ROLES,
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

const text = z.string().trim().max(200);
const measured = z.object({
  path: pathSchema,
  dataset: datasetReference,
  split: z.enum(['test', 'valid']).default('test'),
  map: z.partialRecord(z.enum(RESULT_ROLES), text.min(1)).default({}),
  stated: z
    .object({
      trainedOnValidation: z.boolean().default(false),
      selection: z.enum(['validation', 'final-epoch', 'test']).default('validation'),
    })
    .prefault({}),
  /** Of the exported split that it was made from; null looks for one beside the file. */
  manifest: pathSchema.nullable().default(null),
  /** What is held out, by config keys of a training, where no manifest says it. */
  held: z.record(z.string(), z.unknown()).default({}),
});
export type ResultRequest = z.input<typeof measured>;

const kept = measured.extend({
  name: text.nullable().default(null),
  program: text.min(1).default('another program'),
  model: text.nullable().default(null),
  seed: z.number().int().min(0).nullable().default(null),
  /** What the program itself found, by its names of metrics. */
  figures: z.record(text.min(1), z.number()).default({}),
});

export const results = {
  /** What the beginning of a file says. */
  look: oc.input(z.object({ path: pathSchema })).output(type<ResultFile>()),
  preview: oc.input(measured).output(eventIterator(type<{ phase: ResultPhase }>(), type<ResultPreview>())),
  import: oc
    .input(kept)
    .output(eventIterator(type<{ phase: ResultPhase }>(), type<{ id: string; name: string }>())),
};

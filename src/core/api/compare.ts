import { oc, type } from '@orpc/contract';
import { z } from 'zod';
import type { Comparison, ComparisonRow } from '../reports/types.ts';
import { runId } from './runs.ts';

/** A comparison without the per-user results it was made from. */
export interface ComparisonView extends Omit<Comparison, 'rows'> {
  rows: (Omit<ComparisonRow, 'runs'> & {
    runs: {
      id: string;
      name: string;
      seed: number | null;
      seconds: number | null;
      parameters: number | null;
    }[];
    dataset: string | null;
    config: Record<string, unknown>;
  })[];
}

export const REPORT_FORMATS = ['html', 'md', 'latex', 'csv', 'json'] as const;

/** A finished report, for a download or a file. */
export interface Report {
  fileName: string;
  mediaType: string;
  text: string;
  warnings: string[];
}

const request = z.object({
  runs: z.array(runId).min(1).max(1000),
  /** A run of the list; null for none, the first unless told. */
  baseline: runId.nullable().optional(),
  /** Names such as "test/ndcg@10"; the usual ones unless told. */
  metrics: z.array(z.string()).min(1).optional(),
});

export const compare = {
  /** Computed in a process of its own. */
  table: oc.input(request).output(type<ComparisonView>()),
  report: oc
    .input(
      request.extend({
        format: z.enum(REPORT_FORMATS),
        /** latex: a document that compiles by itself. */
        standalone: z.boolean().default(false),
      }),
    )
    .output(type<Report>()),
};

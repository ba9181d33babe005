import type { ComparisonView, Report } from '../../core/api/compare.ts';
import { compareRuns } from '../../core/reports/comparison.ts';
import type { Comparison } from '../../core/reports/types.ts';
import { writeComparison } from '../../core/reports/write.ts';
import type { Store } from '../../core/store/store.ts';
import type { CompareInput, ReportInput } from '../workers/analyst-tasks.ts';
import { codeVersion } from './code-version.ts';
import { comparedRuns } from './compared-runs.ts';

const FILES: Record<ReportInput['format'], { ending: string; mediaType: string }> = {
  html: { ending: 'html', mediaType: 'text/html' },
  md: { ending: 'md', mediaType: 'text/markdown' },
  latex: { ending: 'tex', mediaType: 'application/x-tex' },
  csv: { ending: 'csv', mediaType: 'text/csv' },
  json: { ending: 'json', mediaType: 'application/json' },
};

function compared(store: Store, { runs, baseline, metrics }: CompareInput, withCurves: boolean): Comparison {
  return compareRuns(comparedRuns(store, runs, withCurves), { baseline, metrics });
}

/** The comparison as the window shows it. Throws UserError for a run without results. */
export function comparisonView(store: Store, input: CompareInput): ComparisonView {
  const { rows, ...rest } = compared(store, input, false);
  return {
    ...rest,
    rows: rows.map(({ runs, ...row }) => ({
      ...row,
      dataset: runs[0].dataset?.name ?? null,
      config: runs[0].config ?? {},
      runs: runs.map(({ id, name, seed, seconds, parameters }) => ({
        id,
        name,
        seed: seed ?? null,
        seconds: seconds ?? null,
        parameters: parameters ?? null,
      })),
    })),
  };
}

/** The comparison as a file. Throws UserError for a run without results. */
export function comparisonReport(store: Store, input: ReportInput): Report {
  const { format, standalone } = input;
  const comparison = compared(store, input, format === 'html');
  const day = new Date().toISOString().slice(0, 10);
  const text = writeComparison(comparison, format, {
    latex: { standalone },
    html: { subtitle: `${day}, Tessera ${codeVersion()}` },
  });
  const { ending, mediaType } = FILES[format];
  return { fileName: `comparison-${day}.${ending}`, mediaType, text, warnings: comparison.warnings };
}

import type { ReportDocument } from './document.ts';
import type { ComparedRun, Comparison } from './types.ts';

/** The run without what would make the report as large as the store: per-user results and curves. */
function runRecord(run: ComparedRun) {
  return {
    id: run.id,
    name: run.name,
    model: run.model,
    seed: run.seed ?? null,
    config: run.config ?? null,
    dataset: run.dataset ?? null,
    environment: run.environment ?? null,
    device: run.device ?? null,
    seconds: run.seconds ?? null,
    parameters: run.parameters ?? null,
    metrics: run.metrics,
  };
}

/** The comparison as one plain value, the shape of the JSON report; `format` and `version` name that shape. */
function comparisonJson(comparison: Comparison) {
  const {
    columns,
    rows,
    protocols,
    baseline,
    warnings,
    configDifferences,
    resamples,
    published,
    overview = [],
    slices,
    footnotes,
  } = comparison;
  return {
    format: 'tessera-comparison' as const,
    version: 2 as const,
    columns,
    baseline: baseline === null ? null : rows[baseline].name,
    warnings,
    footnotes,
    protocols: protocols.map(({ label, fingerprint, protocol, rows: members }) => ({
      label,
      fingerprint,
      protocol,
      rows: members.map((index) => rows[index].name),
    })),
    rows: rows.map((row, index) => ({
      name: row.name,
      model: row.model,
      seeds: row.seeds,
      protocol: protocols[row.protocol].label,
      isBaseline: row.isBaseline,
      notes: row.notes,
      cells: Object.fromEntries(row.cells.map((cell, at) => [columns[at].name, cell])),
      runs: row.runs.map(runRecord),
      ...(slices ? { slices: slices[index] } : {}),
    })),
    configDifferences,
    bootstrapResamples: resamples,
    ...(published.length > 0 ? { published } : {}),
    ...(overview.length > 0 ? { overview } : {}),
  };
}

/** Indented JSON; numbers that are not finite become null. */
export function writeJson(comparison: Comparison): string {
  return `${JSON.stringify(comparisonJson(comparison), null, 2)}\n`;
}

/** The numbers of a report of several tables. */
export function jsonDocument({ data }: ReportDocument): string {
  return `${JSON.stringify(data, null, 2)}\n`;
}

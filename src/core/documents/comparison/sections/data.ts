/** A comparison as numbers: one value for JSON, records for CSV. */

import type { ComparedSlice, Significance, SliceTest } from '../../../evaluation/paired/types.ts';
import { protocolFingerprint } from '../../../evaluation/protocol.ts';
import type { ComparedRun, Comparison, ComparisonCell, ComparisonRow } from '../../types.ts';
import { publishedNotes, publishedTitle } from './published.ts';

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
    peakMemory: run.peakMemory ?? null,
    energy: run.energy ?? null,
    listSeconds: run.listSeconds ?? null,
    parameters: run.parameters ?? null,
    metrics: run.metrics,
  };
}

/** The comparison as one plain value; `format` and `version` name its shape. */
export function comparisonJson(comparison: Comparison) {
  const { columns, rows, protocols, baseline, warnings, footnotes } = comparison;
  const { configDifferences, resamples, published, overview = [], slices } = comparison;
  return {
    format: 'tessera-comparison' as const,
    version: 2 as const,
    columns,
    baseline: baseline === null ? null : rows[baseline].name,
    warnings,
    footnotes,
    protocols: protocols.map(({ label, fingerprint, protocol, rows: members, baseline: own }) => ({
      label,
      fingerprint,
      protocol,
      baseline: own === null ? null : rows[own].name,
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

const isNumber = (value: number | null | undefined): value is number => Number.isFinite(value);

/** Six decimals for metrics and their differences; p-values keep six digits, however small they are. */
const number = (value: number | null | undefined) => (isNumber(value) ? value.toFixed(6) : '');
const digits = (value: number | null | undefined) => (isNumber(value) ? value.toPrecision(6) : '');

/**
 * A record a row: names, protocol, and for every metric its mean, spread, count and, with a baseline, the tests. Slices and
 * published results follow as records of their own.
 */
export function comparisonRecords(comparison: Comparison): Record<string, string>[] {
  const { rows, columns, otherColumns, baseline, slices = [], footnotes } = comparison;
  const tested = baseline !== null;
  const named = (at: number, texts: Record<string, string>) =>
    Object.entries(texts).map(([part, text]) => [columns[at].name + part, text]);
  return [
    ...rows.map((row) => ({
      run: row.name,
      model: row.model,
      dataset: row.runs[0].dataset?.name ?? '',
      seeds: row.seeds.join(' '),
      protocol: row.runs[0].protocol ? protocolFingerprint(row.runs[0].protocol) : '',
      baseline: row.isBaseline ? 'yes' : '',
      ...(footnotes.length > 0 ? { footnotes: notesOf(comparison, row) } : {}),
      ...Object.fromEntries(row.cells.flatMap((cell, at) => named(at, cellFields(cell, tested)))),
      ...Object.fromEntries(row.others.map((value, at) => [otherColumns[at].name, number(value)])),
    })),
    ...rows.flatMap(({ name, model }, index) =>
      (slices[index] ?? []).map((slice) => ({
        run: name,
        model,
        'slice by': slice.idsOf === undefined ? slice.by : `${slice.by}, IDs of ${slice.idsOf}`,
        slice: slice.slice,
        'slice size': String(slice.users),
        ...Object.fromEntries(
          columns.flatMap((column, at) => named(at, sliceFields(slice, column.name, tested))),
        ),
      })),
    ),
    ...publishedRecords(comparison),
  ];
}

function cellFields({ mean, std, values, ...cell }: ComparisonCell, tested: boolean): Record<string, string> {
  const plain = { '': number(mean), ' std': number(std), ' n': String(values.length) };
  if (!tested) return plain;
  const { delta, deltaPercent, significance } = cell;
  const wilcoxon = significance?.test === 't' ? significance.wilcoxon : null;
  return {
    ...plain,
    ' difference': number(delta),
    ' difference %': number(deltaPercent),
    ' low95': number(significance?.interval[0]),
    ' high95': number(significance?.interval[1]),
    ' test': testName(significance),
    ' p holm': digits(significance?.holm),
    ' p t holm': digits(significance?.test === 't' ? significance.t.holm : null),
    ' wilcoxon': wilcoxon?.method ?? '',
    ' p wilcoxon holm': digits(wilcoxon?.holm),
    ...practicalFields(significance),
  };
}

/** Fields about practical equivalence and sample size, where a reader asked for them. */
function practicalFields(tested: Significance | null): Record<string, string> {
  const { rope, needed } = (tested?.test === 't' && tested.practical) || {};
  return {
    ...(rope && {
      ' region': digits(rope.size),
      ' p equivalence holm': digits(rope.equivalence.holm),
      ' P below': number(rope.signedRank.smaller),
      ' P within': number(rope.signedRank.within),
      ' P above': number(rope.signedRank.larger),
    }),
    ...(needed && {
      ' users needed': String(needed.values ?? ''),
      ' seeds needed': String(needed.seeds ?? ''),
    }),
  };
}

const testName = (tested: Significance | SliceTest | null | undefined) =>
  tested?.exact ? 'wilcoxon' : (tested?.test ?? '');

function sliceFields(slice: ComparedSlice, metric: string, tested: boolean): Record<string, string> {
  const [low, high] = slice.intervals?.[metric] ?? [];
  const difference = slice.differences?.[metric];
  return {
    '': number(slice.metrics[metric]),
    ' std': number(slice.spreads?.[metric]),
    ' slice low95': number(low),
    ' slice high95': number(high),
    ...(tested && {
      ' difference': number(difference?.difference),
      ' low95': number(difference?.interval[0]),
      ' high95': number(difference?.interval[1]),
      ' test': testName(difference),
      ' p holm': digits(difference?.holm),
    }),
  };
}

/** What the marks of a row's name and values say. */
function notesOf({ columns, footnotes }: Comparison, { notes, cells }: ComparisonRow): string {
  const ofCells = cells.flatMap(({ note }, at) =>
    note === undefined ? [] : [`${columns[at].name} ${footnotes[note]}`],
  );
  return [...notes.map((note) => footnotes[note]), ...ofCells].join(' ');
}

/** Published results and, under them, our rows once more. The notes of a section stand with its first line. */
function publishedRecords({ published }: Comparison): Record<string, string>[] {
  return published.flatMap((section) =>
    section.lines.map(({ name, model, cells, marks }, index) => {
      const names = section.columns.map((column) => column.name);
      const notes =
        index > 0
          ? marks.map((mark) => `[${mark}]`)
          : [section.where, section.protocol, ...publishedNotes(section)];
      const ofCells = cells.flatMap((cell, at) => cell.marks.map((mark) => `[${mark}: ${names[at]}]`));
      return {
        run: name,
        model: model ?? '',
        dataset: section.dataset,
        ...Object.fromEntries(cells.map(({ value }, at) => [names[at], number(value)])),
        ...Object.fromEntries(
          cells.map(({ difference }, at) => [`${names[at]} minus published`, number(difference)]),
        ),
        published: publishedTitle(section),
        note: [...notes, ...ofCells].join(' '),
      };
    }),
  );
}

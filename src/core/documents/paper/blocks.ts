/** What a table of a paper is made of: rows that are models, and blocks of columns, each measured under one protocol. */
import { modelTitle } from '../../model-facts.ts';
import { labelText } from '../../run-names.ts';
import { MEASURING, rowKey } from '../comparison/rows/baselines.ts';
import { configDifferences } from '../comparison/rows/configs.ts';
import { rowLabels } from '../comparison/rows/labels.ts';
import { protocolWarnings } from '../comparison/rows/warnings.ts';
import { protocolWords } from '../comparison/sections/protocol-line.ts';
import type { Comparison, ComparisonRow } from '../types.ts';

/** Of a row without values: it will have some, or its training diverged. */
export type Pending = 'to come' | 'diverged';

/** Rows of one data set under one protocol, tested against the baseline there. */
export interface PaperBlock {
  dataset: string;
  /** What is held out, such as "leave-last-out". */
  split: string;
  /** Of one protocol, apart from rows that may not be compared with the others. */
  comparison: Comparison;
  /** Which row of the table each row of the comparison is. */
  keys: readonly string[];
  /** Rows that have no values here, with what stands in their place. */
  pending?: ReadonlyMap<string, Pending>;
}

/** A row of the table, over all its blocks. */
export interface PaperRow {
  key: string;
  name: string;
  /** Of how many trials the best by validation was tested, in each of its searches; null where none were made. */
  trials?: readonly number[] | null;
}

/** The blocks of a comparison, one a protocol, and the rows over all of them. */
export function blocksOfComparison(
  comparison: Comparison,
  labels?: Readonly<Record<string, string>>,
): { blocks: PaperBlock[]; rows: PaperRow[] } {
  const parts = comparison.protocols.map((_, at) => partOf(comparison, at));
  const blocks = parts.map((part): PaperBlock => {
    const [first] = part.rows;
    const [split] = protocolWords(part.protocols[first.protocol].protocol);
    return { dataset: first.runs[0].dataset?.name ?? '', split, comparison: part, keys: keysOf(part) };
  });
  const byKey = new Map<string, ComparisonRow>();
  for (const { comparison: part, keys } of blocks)
    for (const [at, key] of keys.entries()) if (!byKey.has(key)) byKey.set(key, part.rows[at]);
  return { blocks, rows: namedRows(byKey, comparison, labels) };
}

/** Of one protocol alone two rows are two models, whatever their settings. */
function keysOf({ rows }: Comparison): string[] {
  const keys = rows.map(({ fullName, runs }) => rowKey({ name: fullName, runs }));
  return keys.map((key, at) => (keys.indexOf(key) === at ? key : `${key} ${at}`));
}

/** Called as the comparison calls them, where that needs no word of the split. */
function namedRows(
  byKey: ReadonlyMap<string, ComparisonRow>,
  comparison: Comparison,
  labels?: Readonly<Record<string, string>>,
): PaperRow[] {
  const rows = [...byKey.values()];
  if (comparison.protocols.length === 1 || comparison.rows.every(({ name, fullName }) => name === fullName))
    return [...byKey].map(([key, { name }]) => ({ key, name }));
  const differences = configDifferences(rows).filter(({ key }) => !MEASURING.has(key));
  const named = rowLabels(
    rows.map((row) => ({ ...row, name: row.fullName })),
    differences,
    labels,
  );
  return [...byKey.keys()].map((key, at) => ({
    key,
    name: labelText(named[at]) || modelTitle(rows[at].model),
  }));
}

/** The rows of one protocol. */
function partOf(comparison: Comparison, protocol: number): Comparison {
  const { rows, protocols, slices } = comparison;
  const { rows: places, baseline } = protocols[protocol];
  const base = baseline === null ? null : places.indexOf(baseline);
  const apart = protocolWarnings(protocols, rows);
  return {
    ...comparison,
    warnings: comparison.warnings.filter((warning) => !apart.includes(warning)),
    rows: places.map((at) => ({ ...rows[at], protocol: 0 })),
    protocols: [{ ...protocols[protocol], rows: places.map((_, at) => at), baseline: base }],
    baseline: base,
    slices: slices && places.map((at) => slices[at]),
  };
}

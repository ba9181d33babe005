import { UserError } from '../../errors.ts';
import {
  adjustedRows,
  type PairedTests,
  type RowTests,
  testAgainst,
} from '../../evaluation/paired/pairing.ts';
import { standardDeviation } from '../../evaluation/significance.ts';
import { labelText } from '../../run-names.ts';
import type {
  ComparedRun,
  Comparison,
  ComparisonCell,
  ComparisonOptions,
  ComparisonProgress,
  ComparisonRow,
  MetricColumn,
} from '../types.ts';
import { protocolBaselines } from './rows/baselines.ts';
import { chooseColumns } from './rows/columns.ts';
import { configDifferences } from './rows/configs.ts';
import { footnotedRows } from './rows/footnotes.ts';
import { givenLabel, rowLabels } from './rows/labels.ts';
import { markedRows } from './rows/marks.ts';
import { groupByProtocol, groupRuns, meanMetric, type RunGroup } from './rows/rows.ts';
import {
  baselineWarnings,
  protocolWarnings,
  provenanceWarnings,
  targetTimeWarnings,
  testWarnings,
} from './rows/warnings.ts';

/**
 * Builds the one table that every writer prints. Runs that differ only in their seed become one row; best values,
 * differences and tests stay within rows of one protocol, and the warnings say what differs between protocols.
 * Throws UserError when there is nothing to compare, or for an unknown baseline or metric.
 */
export function compareRuns(runs: readonly ComparedRun[], options: ComparisonOptions = {}): Comparison {
  const progress = comparisonProgress(runs, options);
  let latest = progress.next();
  while (!latest.done) latest = progress.next();
  return latest.value;
}

/** How far the tests are, and the comparison without them. */
type PartialComparison = ComparisonProgress & { comparison: Comparison };

/**
 * The same with a pause before each tested row, so that callers can show what there is or cancel. `known`: the tests of the
 * same runs against the same baseline, whatever the rows are called; those that are computed are added.
 */
export function* comparisonProgress(
  runs: readonly ComparedRun[],
  options: ComparisonOptions = {},
  known: RowTests = new Map(),
): Generator<PartialComparison, Comparison, void> {
  if (runs.length === 0) throw new UserError('there is no run to compare; name at least one');
  const { columns, others } = chooseColumns(runs, options.metrics);
  const { groups, protocols: apart } = groupByProtocol(groupRuns(runs));
  const baseline = findBaseline(groups, options.baseline === undefined ? runs[0].id : options.baseline);
  const baselines = protocolBaselines(groups, apart, baseline);
  const protocols = apart.map((group, at) => ({ ...group, baseline: baselines[at] }));
  const named = groups.map((group) => ({
    ...group,
    model: group.runs[0].model,
    seeds: group.runs.flatMap((run) => run.seed ?? []).toSorted((a, b) => a - b),
  }));
  const differences = configDifferences(named);
  const labels = rowLabels(named, differences, options.labels);
  const isShort = options.names === 'short';
  const plain = named.map(
    (group, index): ComparisonRow => ({
      name: isShort || givenLabel(group, options.labels) ? labelText(labels[index]) : group.name,
      fullName: group.name,
      label: labels[index],
      model: group.model,
      runs: group.runs,
      seeds: group.seeds,
      protocol: protocols.findIndex((protocol) => protocol.rows.includes(index)),
      isBaseline: baselines.includes(index),
      unknown: [...new Set(group.runs.flatMap(({ unknown = [] }) => unknown))],
      notes: [],
      cells: columns.map((column) => summarise(group.runs, column)),
      others: others.map(({ name }) => meanMetric(group.runs, name)),
    }),
  );
  const { rows, footnotes } = footnotedRows(plain, columns, baseline);
  const untested: Comparison = {
    columns,
    otherColumns: others,
    rows: markedRows(rows, protocols, columns),
    protocols,
    baseline,
    warnings: [
      ...protocolWarnings(protocols, rows),
      ...provenanceWarnings(protocols, rows),
      ...targetTimeWarnings(protocols, rows),
      ...baselineWarnings(protocols, rows, baseline),
    ],
    footnotes,
    configDifferences: differences,
    resamples: options.resamples ?? 2000,
    published: [],
  };
  return withTests(untested, yield* testsOf(untested, options, known));
}

function summarise(runs: readonly ComparedRun[], column: MetricColumn): ComparisonCell {
  const values = runs.map((run) => run.metrics[column.name]).filter((value) => Number.isFinite(value));
  return {
    mean: meanMetric(runs, column.name),
    std: values.length > 1 ? standardDeviation(values) : null,
    values,
    mark: null,
    delta: null,
    deltaPercent: null,
    significance: null,
  };
}

function findBaseline(groups: readonly RunGroup[], wanted: string | null): number | null {
  if (wanted === null) return null;
  const tests: ((group: RunGroup) => boolean)[] = [
    (group) => group.runs.some((run) => run.id === wanted),
    (group) => group.runs.some((run) => run.name === wanted),
    (group) => group.name === wanted,
  ];
  for (const test of tests) {
    const index = groups.findIndex(test);
    if (index >= 0) return index;
  }
  const names = groups.map((group) => group.name).join(', ');
  throw new UserError(`the baseline "${wanted}" is none of the compared runs: ${names}`);
}

/** The tests of all rows but the baselines, by their places. */
function* testsOf(
  comparison: Comparison,
  { bootstrapSeed: seed = 1, practical }: ComparisonOptions,
  known: RowTests,
): Generator<PartialComparison, Map<number, PairedTests>, void> {
  const { rows, columns, protocols, resamples } = comparison;
  const names = columns.map(({ name }) => name);
  const pairs = protocols.flatMap(({ protocol, baseline, rows: members }) =>
    protocol === null || baseline === null
      ? []
      : members.filter((row) => row !== baseline).map((row) => ({ row, baseline })),
  );
  const found = new Map<number, PairedTests>();
  for (const [done, { row, baseline }] of pairs.entries()) {
    const key = rows[row].runs.map(({ id }) => id).join();
    let tests = known.get(key);
    if (!tests) {
      yield { done, total: pairs.length, comparison };
      tests = testAgainst(rows[baseline].runs, rows[row].runs, names, { resamples, seed, practical });
      known.set(key, tests);
    }
    found.set(row, tests);
  }
  return found;
}

/** The comparison with differences to the baselines and their tests, as far as rows have what is to be set off. */
function withTests(comparison: Comparison, tests: ReadonlyMap<number, PairedTests>): Comparison {
  const rows = comparison.rows.map((row, index) => ({
    ...row,
    cells: row.cells.map((cell, at): ComparisonCell => {
      const { means = [], cells = [] } = tests.get(index) ?? {};
      const shared = means[at];
      if (!shared || cell.mean === null) return cell;
      const delta = shared.row - shared.baseline;
      const deltaPercent = shared.baseline === 0 ? null : (100 * delta) / Math.abs(shared.baseline);
      return { ...cell, delta, deltaPercent, significance: cells[at] };
    }),
  }));
  const adjusted = comparison.protocols.flatMap(({ rows: members }) =>
    adjustedRows(members.map((row) => rows[row])),
  );
  return {
    ...comparison,
    rows: adjusted,
    warnings: [...comparison.warnings, ...testWarnings(comparison, tests)],
  };
}

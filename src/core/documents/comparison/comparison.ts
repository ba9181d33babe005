import { UserError } from '../../errors.ts';
import { parseListMetric } from '../../evaluation/list-metrics.ts';
import {
  canonicalJson,
  comparisonKey,
  keyOfVersion1,
  protocolDifferences,
  protocolFingerprint,
  sharedProtocol,
  targetTimeOf,
  withoutProperties,
} from '../../evaluation/protocol.ts';
import { standardDeviation } from '../../evaluation/significance.ts';
import type {
  ComparedRun,
  Comparison,
  ComparisonCell,
  ComparisonOptions,
  ComparisonProgress,
  ComparisonRow,
  MetricColumn,
  ProtocolGroup,
} from '../types.ts';
import { chooseColumns } from './columns.ts';
import { addFootnotes } from './footnotes.ts';
import { givenLabel, labelText, rowLabels } from './labels.ts';
import { adjustColumn, keepsLists, type RowTests, testAgainst } from './pairing.ts';
import { configWithoutSeed, groupRuns, meanMetric, type RunGroup } from './rows.ts';

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

/** How far the tests are, and the comparison so far: at first without any. */
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
  const { groups, protocols } = groupByProtocol(groupRuns(runs));
  const baseline = findBaseline(groups, options.baseline === undefined ? runs[0].id : options.baseline);
  const named = groups.map((group) => ({
    ...group,
    model: group.runs[0].model,
    seeds: group.runs.flatMap((run) => run.seed ?? []).toSorted((a, b) => a - b),
  }));
  const differences = configDifferences(named);
  const labels = rowLabels(named, differences, options.labels);
  const isShort = options.names === 'short';
  const rows = named.map(
    (group, index): ComparisonRow => ({
      name: isShort || givenLabel(group, options.labels) ? labelText(labels[index]) : group.name,
      fullName: group.name,
      label: labels[index],
      model: group.model,
      runs: group.runs,
      seeds: group.seeds,
      protocol: protocols.findIndex((protocol) => protocol.rows.includes(index)),
      isBaseline: index === baseline,
      unknown: [...new Set(group.runs.flatMap(({ unknown = [] }) => unknown))],
      notes: [],
      cells: columns.map((column) => summarise(group.runs, column)),
      others: others.map(({ name }) => meanMetric(group.runs, name)),
    }),
  );
  const comparison: Comparison = {
    columns,
    otherColumns: others,
    rows,
    protocols,
    baseline,
    warnings: [
      ...protocolWarnings(protocols, rows),
      ...provenanceWarnings(protocols, rows),
      ...targetTimeWarnings(protocols, rows),
    ],
    footnotes: [],
    configDifferences: differences,
    resamples: options.resamples ?? 2000,
    published: [],
  };
  addFootnotes(comparison);
  for (const protocol of protocols) markBest(protocol, comparison);
  if (baseline !== null) yield* addBaseline(comparison, baseline, options.bootstrapSeed ?? 1, known);
  return comparison;
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

/** Orders the rows by protocol, keeping the given order inside one; runs that state none come last. */
function groupByProtocol(groups: readonly RunGroup[]): { groups: RunGroup[]; protocols: ProtocolGroup[] } {
  const keyOf = groupKeys(groups);
  const keys = [...new Set(groups.map(keyOf))].sort((a, b) => Number(a === null) - Number(b === null));
  const ordered = keys.flatMap((key) => groups.filter((group) => keyOf(group) === key));
  const protocols = keys.map((key, index): ProtocolGroup => {
    const rows = ordered.flatMap((group, row) => (keyOf(group) === key ? [row] : []));
    const stated = rows.flatMap((row) => ordered[row].runs[0].protocol ?? []);
    const fingerprints = [...new Set(stated.map(protocolFingerprint))];
    return {
      label: groupLabel(index),
      fingerprint: fingerprints.length > 0 ? fingerprints.join(', ') : null,
      protocol: sharedProtocol(stated),
      rows,
    };
  });
  return { groups: ordered, protocols };
}

/**
 * The key of the group in which results may be compared; null for those that state no protocol. A result of protocol version
 * 1 joins later ones that agree with everything it states, unless those differ among each other. Results that have seen
 * held-out interactions form a group of their own.
 */
function groupKeys(groups: readonly RunGroup[]): (group: RunGroup) => string | null {
  const later = Map.groupBy(
    groups.flatMap(({ runs: [{ protocol }] }) => (protocol?.version ? [protocol] : [])),
    keyOfVersion1,
  );
  return ({ runs: [{ protocol, seenHeldOut, unknown }] }) => {
    if (!protocol) return null;
    const statedKey = comparisonKey(protocol);
    const keys = new Set(later.get(statedKey)?.map(comparisonKey));
    const key = protocol.version || keys.size !== 1 ? statedKey : [...keys][0];
    const apart = unknown?.includes('split') ? `${key}, but of an unknown split` : key;
    return seenHeldOut ? `${apart}, but has seen what is held out` : apart;
  };
}

/** A, B, … Z, then A1, B1, … */
function groupLabel(index: number): string {
  return String.fromCharCode(65 + (index % 26)) + (index < 26 ? '' : Math.floor(index / 26));
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

function listNames(rows: readonly ComparisonRow[], indexes: readonly number[]): string {
  return indexes.map((index) => rows[index].name).join(', ');
}

/** What keeps rows from being compared; a report says it, the window has a group a protocol. */
export function protocolWarnings(
  protocols: readonly ProtocolGroup[],
  rows: readonly ComparisonRow[],
): string[] {
  const warnings: string[] = [];
  const [first, ...rest] = protocols.filter((group) => group.protocol !== null);
  for (const group of rest) {
    if (!first.protocol || !group.protocol) continue;
    const [left, right] = [withoutProperties(first.protocol), withoutProperties(group.protocol)];
    const differences = protocolDifferences(left, right).join('; ');
    if (differences === '') continue;
    const verb = group.rows.length > 1 ? 'are' : 'is';
    warnings.push(
      `Protocols ${first.label} and ${group.label} differ (${differences}). ${listNames(rows, group.rows)} ` +
        `${verb} not compared with ${listNames(rows, first.rows)}: no best value, difference or test crosses protocols.`,
    );
  }
  const unknown = protocols.find((group) => group.protocol === null);
  if (unknown) {
    const verb = unknown.rows.length > 1 ? 'do not state their' : 'does not state its';
    warnings.push(`${listNames(rows, unknown.rows)} ${verb} protocol: shown, but compared with nothing.`);
  }
  return warnings;
}

/** What results of version 1 do not state, and what is known to have seen held-out items. */
function provenanceWarnings(protocols: readonly ProtocolGroup[], rows: readonly ComparisonRow[]): string[] {
  const seen = rows.flatMap(({ name, runs: [{ seenHeldOut }] }) =>
    seenHeldOut ? [`${name} is compared with nothing that has not seen as much. Its ${seenHeldOut}.`] : [],
  );
  const old = protocols.flatMap(({ protocol, rows: members }) =>
    protocol !== null && members.length > 1
      ? members.filter((row) => !rows[row].runs[0].protocol?.version)
      : [],
  );
  if (old.length === 0) return seen;
  const verb = old.length > 1 ? 'were' : 'was';
  return [
    ...seen,
    `${listNames(rows, old)} ${verb} measured under version 1 of the protocol, which does not state what source runs have seen, ` +
      'nor ratings, times and actions that labels rest on: compared as if these were alike.',
  ];
}

/** Where models that know the target's time stand beside others, part of a difference is that knowledge. */
function targetTimeWarnings(protocols: readonly ProtocolGroup[], rows: readonly ComparisonRow[]): string[] {
  return protocols.flatMap(({ rows: members }) => {
    const sees = (row: number) => targetTimeOf(rows[row].runs[0].protocol) === 'seen';
    const [seeing, blind] = [members.filter(sees), members.filter((row) => !sees(row))];
    if (seeing.length === 0 || blind.length === 0) return [];
    const [verb, other] = [seeing.length > 1 ? 'know' : 'knows', blind.length > 1 ? 'do' : 'does'];
    return [
      `${listNames(rows, seeing)} ${verb} the time of the interaction to predict, ${listNames(rows, blind)} ${other} not: ` +
        'part of a difference between them is that knowledge (targetTime=hidden takes it away).',
    ];
  });
}

/**
 * Marks the best and the second value of each metric; values that print alike share a mark. Those of some of the users are
 * over other users than their neighbours', and have none; nor has a row of which something is unknown.
 */
function markBest(group: ProtocolGroup, comparison: Comparison): void {
  if (group.protocol === null || group.rows.length < 2) return;
  comparison.columns.forEach((column, at) => {
    if (column.direction === 'none') return;
    const shown = (row: number): number | null => {
      const { cells, unknown } = comparison.rows[row];
      const { mean: value, note } = cells[at];
      return value === null || note !== undefined || unknown.length > 0
        ? null
        : Number(value.toFixed(column.decimals));
    };
    const values = group.rows.map(shown).filter((value) => value !== null);
    // One alone is best of nothing, and of two the other is second to nothing.
    if (values.length < 2) return;
    const distinct = [...new Set(values)].sort((a, b) => (column.direction === 'higher' ? b - a : a - b));
    const bestIsShared = values.filter((value) => value === distinct[0]).length > 1;
    for (const row of group.rows) {
      const value = shown(row);
      const cell = comparison.rows[row].cells[at];
      if (value !== null && value === distinct[0]) cell.mark = 'best';
      else if (value !== null && value === distinct[1] && !bestIsShared && values.length > 2)
        cell.mark = 'second';
    }
  });
}

/** Fills in differences to the baseline and the paired tests, for the rows of the baseline's protocol. */
function* addBaseline(
  comparison: Comparison,
  baseline: number,
  seed: number,
  known: RowTests,
): Generator<PartialComparison, void, void> {
  const { rows, columns, protocols, resamples } = comparison;
  const group = protocols[rows[baseline].protocol];
  if (group.protocol === null) return;
  const base = rows[baseline];
  const others = group.rows.filter((row) => row !== baseline);
  for (const [done, index] of others.entries()) {
    const row = rows[index];
    const key = row.runs.map(({ id }) => id).join();
    let tests = known.get(key);
    if (!tests) {
      yield { done, total: others.length, comparison };
      tests = testAgainst(base.runs, row.runs, columns, { resamples, seed });
      known.set(key, tests);
    }
    const { cells, means, unpaired } = tests;
    row.cells.forEach((cell, at) => {
      const shared = means[at];
      if (!shared || cell.mean === null) return;
      cell.delta = shared.row - shared.baseline;
      cell.deltaPercent = shared.baseline === 0 ? null : (100 * cell.delta) / Math.abs(shared.baseline);
      cell.significance = cells[at];
    });
    if (unpaired > 0) {
      comparison.warnings.push(
        `${row.name} and ${base.name} did not evaluate the same users: ${unpaired} are in one only, and differences and tests leave them out.`,
      );
    }
  }
  columns.forEach(({ name, label }, at) => {
    adjustColumn(rows.map((row) => row.cells[at].significance));
    const unlisted = parseListMetric(name) ? group.rows.filter((row) => lacksLists(rows[row], name)) : [];
    if (unlisted.length > 0 && others.length > 0) {
      const verb = unlisted.length > 1 ? 'keep' : 'keeps';
      comparison.warnings.push(
        `${listNames(rows, unlisted)} ${verb} no lists that are long enough: a difference in ${label} has no test.`,
      );
    }
  });
}

const lacksLists = ({ runs }: ComparisonRow, metric: string) => runs.some((run) => !keepsLists(run, metric));

/** Nested configs as flat keys: {"optimiser": {"lr": 1}} → "optimiser.lr". Lists are values. */
export function flatConfig(config: Record<string, unknown>, prefix = ''): Map<string, string> {
  const flat = new Map<string, string>();
  for (const [key, value] of Object.entries(config)) {
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
      for (const [inner, text] of flatConfig(value as Record<string, unknown>, `${prefix}${key}.`)) {
        flat.set(inner, text);
      }
    } else {
      flat.set(prefix + key, typeof value === 'string' ? value : canonicalJson(value));
    }
  }
  return flat;
}

/** Keys whose values differ between rows, the model first; one that a row's model does not have differs, too. */
function configDifferences(
  rows: readonly Pick<ComparisonRow, 'model' | 'runs'>[],
): Comparison['configDifferences'] {
  const configs = rows.map((row) => flatConfig(configWithoutSeed(row.runs[0])));
  const keys = [...new Set(configs.flatMap((config) => [...config.keys()]))].sort();
  const all = [
    { key: 'model', values: rows.map(({ model }): string | null => model) },
    ...keys.map((key) => ({ key, values: configs.map((config) => config.get(key) ?? null) })),
  ];
  return all.filter(({ values }) => new Set(values).size > 1);
}

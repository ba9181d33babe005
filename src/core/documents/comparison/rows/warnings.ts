/** What a reader must know before reading the numbers: what keeps rows apart, and what differs between those that are compared. */
import { parseListMetric } from '../../../evaluation/list-metrics.ts';
import { keepsLists, type PairedTests } from '../../../evaluation/paired/pairing.ts';
import { protocolDifferences, targetTimeOf, withoutProperties } from '../../../evaluation/protocol.ts';
import { countText, someNames } from '../../../names.ts';
import type { Comparison, ComparisonRow, ProtocolGroup } from '../../types.ts';

function listNames(rows: readonly ComparisonRow[], indexes: readonly number[]): string {
  return someNames(indexes.map((index) => rows[index].name));
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
        `${verb} not compared with ${listNames(rows, first.rows)}: values of different protocols are not compared.`,
    );
  }
  const unknown = protocols.find((group) => group.protocol === null);
  if (unknown) {
    warnings.push(
      `The protocol of ${listNames(rows, unknown.rows)} was not recorded: shown, but compared with nothing.`,
    );
  }
  return warnings;
}

/** What results of version 1 do not state, and what is known to have seen held-out items. */
export function provenanceWarnings(
  protocols: readonly ProtocolGroup[],
  rows: readonly ComparisonRow[],
): string[] {
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
export function targetTimeWarnings(
  protocols: readonly ProtocolGroup[],
  rows: readonly ComparisonRow[],
): string[] {
  return protocols.flatMap(({ rows: members }) => {
    const sees = (row: number) => targetTimeOf(rows[row].runs[0].protocol) === 'seen';
    const [seeing, blind] = [members.filter(sees), members.filter((row) => !sees(row))];
    if (seeing.length === 0 || blind.length === 0) return [];
    const [verb, other] = [seeing.length > 1 ? 'know' : 'knows', blind.length > 1 ? 'do' : 'does'];
    return [
      `${listNames(rows, seeing)} ${verb} the time of the interaction to predict, ${listNames(rows, blind)} ${other} not: ` +
        'part of the difference may come from it (rule it out: targetTime=hidden).',
    ];
  });
}

/** Where rows are tested against nothing although a baseline was chosen. */
export function baselineWarnings(
  protocols: readonly ProtocolGroup[],
  rows: readonly ComparisonRow[],
  chosen: number | null,
): string[] {
  if (chosen === null) return [];
  return protocols.flatMap(({ label, protocol, baseline, rows: members }) =>
    protocol === null || baseline !== null || members.length < 2
      ? []
      : [
          `Protocol ${label} has no row with the model and settings of ${rows[chosen].name}, the baseline: its rows are not tested.`,
        ],
  );
}

/** What the differences to the baselines leave out, and which have no test. */
export function testWarnings(
  { rows, columns, protocols }: Comparison,
  tests: ReadonlyMap<number, PairedTests>,
): string[] {
  if (tests.size === 0) return [];
  const baseOf = (row: number) => rows[protocols[rows[row].protocol].baseline ?? row].name;
  const apart = [...tests].filter(([, { unpaired }]) => unpaired > 0);
  const compared = protocols.flatMap(({ rows: members }) =>
    members.some((row) => tests.has(row)) ? members : [],
  );
  const unlisted = columns.flatMap(({ name, label }) => {
    const lacksLists = (row: number) => rows[row].runs.some((run) => !keepsLists(run, name));
    const found = parseListMetric(name) ? compared.filter(lacksLists) : [];
    return found.length > 0
      ? [{ names: listNames(rows, found), verb: found.length > 1 ? 'have' : 'has', label }]
      : [];
  });
  return [
    ...apart.map(
      ([row, { unpaired }]) =>
        `${rows[row].name} and ${baseOf(row)}: ${countText(unpaired, 'user')} ${unpaired === 1 ? 'is' : 'are'} in only one of the two; differences and tests use the shared users.`,
    ),
    ...unlisted.map(
      ({ names, verb, label }) =>
        `${names} ${verb} no lists that are long enough: a difference in ${label} has no test.`,
    ),
  ];
}

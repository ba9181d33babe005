import { meanOfKnown } from '../../../evaluation/metrics.ts';
import {
  canonicalJson,
  comparisonKey,
  keyOfVersion1,
  protocolFingerprint,
  sharedProtocol,
} from '../../../evaluation/protocol.ts';
import { sharedName } from '../../../run-names.ts';
import type { ComparedRun, ProtocolGroup } from '../../types.ts';
import { configWithoutSeed } from './configs.ts';

/** Runs of one row and the name it gets. */
export interface RunGroup {
  name: string;
  runs: ComparedRun[];
}

/** Mean over the runs that have the metric; null where none has. */
export function meanMetric(runs: readonly ComparedRun[], name: string): number | null {
  return meanOfKnown(runs.map(({ metrics }) => metrics[name]));
}

/** What the runs of a row have in common; of data that nobody knows a run stands alone. The table of runs folds by the same (store/table/run-table-sql.ts). */
function groupKey(run: ComparedRun): string {
  return canonicalJson([
    run.model,
    configWithoutSeed(run),
    run.data ?? run.id,
    // Of the files of other programs, which may have one name, nobody knows what they have in common.
    run.result ? (run.result.sha256 ?? run.id) : null,
    run.protocol ? protocolFingerprint(run.protocol) : null,
    run.evaluates ? [run.evaluates.kind, run.evaluates.splits] : null,
  ]);
}

/**
 * Folds runs that differ in nothing but the seed. Of a repeated seed the oldest run counts, the others stand in rows of
 * their own: as further seeds they would make the spread look smaller than it is. A run that has no seed, or does not state
 * its config, stands alone.
 */
export function groupRuns(runs: readonly ComparedRun[]): RunGroup[] {
  const keys = runs.map(groupKey);
  const sameSeed = Map.groupBy(runs.keys(), (at) => `${keys[at]} ${runs[at].seed}`);
  const repetition = new Map(
    [...sameSeed.values()].flatMap((places) =>
      places.toSorted((a, b) => (runs[a].id < runs[b].id ? -1 : 1)).map((at, count) => [at, count] as const),
    ),
  );
  const rows = Map.groupBy(runs.keys(), (at) => {
    const foldable = runs[at].seed != null && runs[at].config != null;
    return foldable ? `${keys[at]} ${repetition.get(at)}` : at;
  });
  const named = [...rows.values()].map((places) => {
    const members = places.map((at) => runs[at]);
    const name = sharedName(members.map((run) => run.name)) || members[0].model;
    return { name, runs: members };
  });
  return named.map((group) => {
    const shared = named.filter((other) => other.name === group.name).length > 1;
    return shared ? { ...group, name: `${group.name} (${group.runs[0].id.slice(0, 8)})` } : group;
  });
}

/** Orders the rows by protocol, keeping the given order inside one; runs that state none come last. */
export function groupByProtocol(groups: readonly RunGroup[]): {
  groups: RunGroup[];
  protocols: Omit<ProtocolGroup, 'baseline'>[];
} {
  const keyOf = groupKeys(groups);
  const keys = [...new Set(groups.map(keyOf))].sort((a, b) => Number(a === null) - Number(b === null));
  const ordered = keys.flatMap((key) => groups.filter((group) => keyOf(group) === key));
  const protocols = keys.map((key, index) => {
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

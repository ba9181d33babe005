import { meanOfKnown } from '../../evaluation/metrics.ts';
import { canonicalJson, protocolFingerprint } from '../../evaluation/protocol.ts';
import { sharedName } from '../../run-names.ts';
import type { ComparedRun } from '../types.ts';

/** Runs of one row and the name it gets. */
export interface RunGroup {
  name: string;
  runs: ComparedRun[];
}

/** The config without its seed, which is no difference between the runs of a row. */
export function configWithoutSeed(run: ComparedRun): Record<string, unknown> {
  const { seed: _seed, ...config } = run.config ?? {};
  return config;
}

/** Mean over the runs that have the metric; null where none has. */
export function meanMetric(runs: readonly ComparedRun[], name: string): number | null {
  return meanOfKnown(runs.map(({ metrics }) => metrics[name]));
}

/** What the runs of a row have in common. The table of runs folds by the same (store/run-table-sql.ts). */
function groupKey(run: ComparedRun): string {
  return canonicalJson([
    run.model,
    configWithoutSeed(run),
    run.dataset?.fingerprint ?? null,
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

import { canonicalJson, protocolFingerprint } from '../evaluation/protocol.ts';
import type { ComparedRun } from './types.ts';

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

function groupKey(run: ComparedRun): string {
  return canonicalJson([
    run.model,
    configWithoutSeed(run),
    run.dataset?.fingerprint ?? null,
    run.protocol ? protocolFingerprint(run.protocol) : null,
  ]);
}

/**
 * Folds runs that differ in nothing but the seed. A run that repeats a seed, has none, or does not state its config
 * stands alone: counting it as another seed would make the spread look smaller than it is.
 */
export function groupRuns(runs: readonly ComparedRun[]): RunGroup[] {
  const groups: { key: string; runs: ComparedRun[] }[] = [];
  for (const run of runs) {
    const key = groupKey(run);
    const foldable = run.seed != null && run.config != null;
    const home = groups.find(
      (group) =>
        group.key === key &&
        foldable &&
        group.runs.every((other) => other.seed != null && other.seed !== run.seed),
    );
    if (home) home.runs.push(run);
    else groups.push({ key, runs: [run] });
  }
  const named = groups.map((group) => ({ name: groupName(group.runs), runs: group.runs }));
  return named.map((group) => {
    const shared = named.filter((other) => other.name === group.name).length > 1;
    return shared ? { ...group, name: `${group.name} (${group.runs[0].id.slice(0, 8)})` } : group;
  });
}

/** The name of one run, or what the names of several have in common: "sasrec s1", "sasrec s2" → "sasrec". */
function groupName(runs: readonly ComparedRun[]): string {
  const [first, ...others] = runs.map((run) => run.name);
  if (others.length === 0 || others.every((name) => name === first)) return first;
  let length = first.length;
  for (const name of others) {
    while (!name.startsWith(first.slice(0, length))) length--;
  }
  const common = first.slice(0, length).replace(/[\s\-_.,:#(]*(?:seed|run|s)?[\s\-_.,:#(=]*\d*$/i, '');
  return common.length >= 2 ? common : runs[0].model;
}

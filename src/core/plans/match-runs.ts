/** Which runs of a home a plan uses: of equal model, config, data and seed, and of the same version of the program. */
import { canonicalJson } from '../evaluation/protocol.ts';
import { phaseOf } from '../store/runs/run-life.ts';
import type { OwnRun } from '../store/types.ts';

export interface WantedRun {
  model: string;
  /** The whole config, with ids of the runs that it names. */
  config: Record<string, unknown>;
  /** What tells the data apart (`dataKey`). */
  data: string;
  seed: number;
}

/** What is looked at of a run; `versions`: of the program, in order, if it was resumed by others. */
export type KnownRun = Pick<
  OwnRun,
  'id' | 'model' | 'config' | 'seed' | 'status' | 'evaluates' | 'message'
> & {
  /** Null where its data set has been deleted: nobody knows what else than the sequences was in it. */
  data: string | null;
  versions: readonly string[];
};

/**
 * done: has its results. active: waits or trains. ended: stopped or failed before it completed. diverged: it would again. missing: there
 * is none.
 */
export type RunMatch =
  | { state: 'done'; run: string; versions: readonly string[] }
  | { state: 'active' | 'ended' | 'diverged'; run: string; message: string | null }
  | { state: 'missing'; otherVersions: readonly string[] };

/** What is equal of runs that may stand for each other. */
export function matchKey({
  model,
  config,
  data,
  seed,
}: Omit<WantedRun, 'data'> & Pick<KnownRun, 'data'>): string {
  const { seed: _, ...settings } = config;
  return canonicalJson([model, settings, data, seed]);
}

/**
 * The run that stands for each of the wanted ones. Of several that completed the oldest counts, so that a table stays as it is; runs of other
 * versions of the program only where they are asked for, the newest of them, and only where none of this version is.
 */
export function matchRuns(
  wanted: readonly WantedRun[],
  known: readonly KnownRun[],
  { version, usesOthers }: { version: string; usesOthers: boolean },
): RunMatch[] {
  const byKey = Map.groupBy(
    known.filter(({ evaluates }) => evaluates === null).toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    matchKey,
  );
  return wanted.map((one): RunMatch => {
    const alike = byKey.get(matchKey(one)) ?? [];
    const isOurs = ({ versions }: KnownRun) => versions.every((other) => other === version);
    const completed = alike.filter(({ status }) => status === 'completed');
    const others = completed.filter((run) => !isOurs(run));
    const done = completed.find(isOurs) ?? (usesOthers ? others.at(-1) : undefined);
    if (done) return { state: 'done', run: done.id, versions: done.versions };
    const begun = alike.filter((run) => run.status !== 'completed' && isOurs(run));
    const active = begun.find(({ status }) => phaseOf(status) !== 'ended');
    if (active) return { state: 'active', run: active.id, message: active.message };
    const diverged = alike.find((run) => run.status === 'diverged' && (isOurs(run) || usesOthers));
    const ended = diverged ?? begun.at(-1);
    if (ended) return { state: diverged ? 'diverged' : 'ended', run: ended.id, message: ended.message };
    return { state: 'missing', otherVersions: [...new Set(others.flatMap(({ versions }) => versions))] };
  });
}

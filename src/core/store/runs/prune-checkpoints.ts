/** Which checkpoints of completed runs a rule of the user's does without. */
import { existsSync, statSync } from 'node:fs';
import { removeCheckpoint } from '../../training/checkpoints.ts';
import type { CheckpointInfo } from '../../training/events.ts';
import type { Store } from '../store.ts';
import type { OwnRun } from '../types.ts';
import { isOwn } from './run-kinds.ts';

/** best: the one that was tested. last: the newest to train on from. */
export const KEPT_KINDS = ['best', 'last'] as const;
export type KeptKind = (typeof KEPT_KINDS)[number];

export interface PruneRule {
  keep: readonly KeptKind[];
  /** Runs that ended before this, Unix milliseconds. */
  endedBefore: number;
}

export interface SpareCheckpoints {
  run: Pick<OwnRun, 'id' | 'name'>;
  /** Each with the bytes of its files. */
  checkpoints: { path: string; kind: CheckpointInfo['kind']; bytes: number }[];
}

/**
 * Of these runs, what the rule does without. Left alone are runs that have not completed, for they may be resumed, and those that another
 * run, in the trash or not, starts from, rests on or measures.
 */
export function spareCheckpoints(
  store: Store,
  runs: readonly { id: string }[],
  { keep, endedBefore }: PruneRule,
): SpareCheckpoints[] {
  const needed = store.checkpoints.runsNeeded();
  return store.runs
    .named(
      runs.map(({ id }) => id),
      { metrics: [] },
    )
    .filter(isOwn)
    .filter(
      ({ id, status, endedAt }) => status === 'completed' && (endedAt ?? 0) < endedBefore && !needed.has(id),
    )
    .flatMap((run) => {
      const { id, name } = run;
      const all = store.checkpoints.list(id);
      const kept = keep.flatMap((kind) => keptOf(run, all, kind)?.path ?? []);
      const checkpoints = all
        .filter(({ path }) => !kept.includes(path))
        .map(({ path, kind }) => ({ path, kind, bytes: bytesAt(path) }));
      return checkpoints.length > 0 ? [{ run: { id, name }, checkpoints }] : [];
    });
}

/** A run that was tested with its last parameters has no other best ones. */
function keptOf(run: OwnRun, all: readonly CheckpointInfo[], kind: KeptKind): CheckpointInfo | undefined {
  const last = all.find((one) => one.kind === 'last');
  if (kind === 'last') return last;
  return all.find((one) => one.kind === 'best' && one.epoch === run.selectedEpoch) ?? last;
}

/** Deletes them for good; what has come to be needed since it was looked at stays. Returns what was deleted. */
export function prune(
  store: Store,
  chosen: readonly SpareCheckpoints[],
  rule: PruneRule,
): SpareCheckpoints[] {
  return store.transaction(() => {
    const still = spareCheckpoints(
      store,
      chosen.map(({ run }) => run),
      rule,
    );
    for (const { path } of still.flatMap(({ checkpoints }) => checkpoints)) removeCheckpoint(path);
    return still;
  });
}

function bytesAt(path: string): number {
  const state = path.replace(/\.safetensors$/, '.json');
  return [path, state].reduce((sum, file) => sum + (existsSync(file) ? statSync(file).size : 0), 0);
}

/** What trained what a run has now, over all its attempts. */
import { isSameKind, type Processor, processorOf } from '../../processor-kinds.ts';
import type { AttemptRecord, OwnRun } from '../types.ts';

type Versioned = Pick<OwnRun, 'codeVersion'>;

/** The version that trained a run, and those that resumed it, as "0.1.0" or "0.1.0, resumed by 0.2.0". */
export function versionText(run: Versioned, attempts: readonly AttemptRecord[]): string {
  return trainingVersions(run, attempts).join(', resumed by ') || run.codeVersion;
}

/**
 * The versions that trained what a run has now, in order. An attempt that began before an earlier one replaces it; one that
 * names no version is taken to be of the version that made the run.
 */
export function trainingVersions(run: Versioned, attempts: readonly AttemptRecord[]): string[] {
  const versions = lasting(attempts).map(({ codeVersion }) => codeVersion ?? run.codeVersion);
  return versions.filter((version, at) => version !== versions[at - 1]);
}

/** The kinds of CPU that trained what a run has now, in order; of an earlier version the one that its environment names. */
export function trainingProcessors(
  { environment }: Pick<OwnRun, 'environment'>,
  attempts: readonly AttemptRecord[],
): Processor[] {
  const stated = processorOf(environment);
  const kinds = lasting(attempts).flatMap(({ processors }) => processors ?? []);
  if (kinds.length === 0) return stated ? [stated] : [];
  return kinds.filter((kind, at) => at === 0 || !isSameKind(kind, kinds[at - 1]));
}

/** Without those that a later one replaces. */
function lasting(attempts: readonly AttemptRecord[]): AttemptRecord[] {
  return attempts.filter(({ fromStep }, at) =>
    attempts.slice(at + 1).every((later) => later.fromStep > fromStep),
  );
}

/** Runs of this program beside those of others. */
import { UserError } from '../../errors.ts';
import type { MeasuredRun, OwnRun, RunRecord } from '../types.ts';

export function isOwn(run: RunRecord): run is OwnRun {
  return run.kind === 'own';
}

/** What trained a run that was measured here: its model, else the program that names none. */
export function modelOf(run: MeasuredRun): string {
  return run.kind === 'own' ? run.model : (run.model ?? run.program);
}

/** Throws UserError for a run of another program. */
export function ownRun(run: RunRecord): OwnRun {
  if (run.kind === 'own') return run;
  throw new UserError(
    `run ${run.name} (${run.id}) comes from ${run.program}; this needs a run that Tessera trained`,
  );
}

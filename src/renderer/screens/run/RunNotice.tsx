import { type RunPage, UNFINISHED } from '../../../core/api/runs.ts';
import { capital, durationText } from '../../format/format.ts';

/** That a run waits, or how it ended where that says something, and what was kept. */
export function RunNotice({ page: { run, checkpoints, notice, queuePosition, held } }: { page: RunPage }) {
  if (queuePosition !== null) {
    return (
      <p className="muted rigid bar-inset">
        {held ? 'Paused in the queue' : 'Waiting in the queue'}, place {queuePosition}.
      </p>
    );
  }
  if (!UNFINISHED.includes(run.status)) {
    const told = [run.message && `${capital(run.message)}.`, notice && `${notice}.`]
      .filter(Boolean)
      .join(' ');
    return told === '' ? null : <p className="muted rigid bar-inset">{told}</p>;
  }
  const newest = checkpoints.reduce<(typeof checkpoints)[number] | null>(
    (best, checkpoint) => (best === null || checkpoint.step > best.step ? checkpoint : best),
    null,
  );
  const prospect =
    newest === null
      ? 'No checkpoint was saved; it would start from the beginning.'
      : `Saved through epoch ${newest.epoch}, step ${newest.step}. Resume continues from there.`;
  return (
    <div className="problem run-problem rigid" data-status={run.status} role="status">
      <p>{run.message ?? `The run was ${run.status.replaceAll('-', ' ')} after ${spent(run)}.`}</p>
      <p className="muted">
        {run.kind === 'imported'
          ? `${run.program} trained it, so it cannot resume here.`
          : run.dataset.id === null
            ? 'Its data set has been deleted, so it cannot resume.'
            : prospect}
      </p>
    </div>
  );
}

function spent({ startedAt, endedAt }: RunPage['run']): string {
  return startedAt === null || endedAt === null ? 'no time' : durationText((endedAt - startedAt) / 1000);
}

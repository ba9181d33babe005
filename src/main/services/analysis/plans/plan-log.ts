/** What has happened of a plan: when each of its trainings began and how it ended. */
import type { PlanEvent } from '../../../../core/plans/plan-views.ts';
import type { Store } from '../../../../core/store/store.ts';
import { allRuns, type NamedRun, openKnown } from './plan-progress.ts';

/** As many of the last ones are told. */
const MOST_EVENTS = 2_000;

/** Last first. Trainings that were there before it are told, too, where it uses them. */
export async function planLog(store: Store, { plan: id }: { plan: string }): Promise<PlanEvent[]> {
  const record = store.plans.find(id);
  const { state } = await openKnown(store, record);
  const runs = allRuns(store, state).flatMap((named) => eventsOf(store, named));
  const restart: PlanEvent[] =
    record.wentOnAt === null
      ? []
      : [
          {
            ...{ time: record.wentOnAt, text: 'The plan continues after a restart' },
            ...{ run: null, model: null, place: null, isBad: false },
          },
        ];
  return [...runs, ...restart].sort((one, other) => other.time - one.time).slice(0, MOST_EVENTS);
}

/** When each of its attempts began and ended; the reason is known of the last one. */
function eventsOf(store: Store, { run, title }: NamedRun): PlanEvent[] {
  const told = { run: run.id, model: run.model, place: run.place };
  const ended = (time: number, outcome: string, isLast: boolean): PlanEvent => ({
    ...{ ...told, time, isBad: outcome === 'failed' || outcome === 'diverged' },
    text: `${title}: ${outcome}${isLast && run.message !== null ? `: ${run.message}` : ''}`,
  });
  const attempts = store.runs.attempts(run.id);
  if (attempts.length === 0) return run.endedAt === null ? [] : [ended(run.endedAt, run.status, true)];
  return attempts.flatMap(({ startedAt, endedAt, outcome, fromStep }, at) => {
    const began = fromStep > 0 ? `continues from step ${fromStep}` : 'begins';
    return [
      { ...told, time: startedAt, text: `${title} ${began}`, isBad: false },
      ...(endedAt === null ? [] : [ended(endedAt, outcome ?? 'interrupted', at === attempts.length - 1)]),
    ];
  });
}

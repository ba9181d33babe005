/** What has happened of a plan: when each of its trainings began and how it ended. */
import type { PlanEvent } from '../../../../core/plans/plan-views.ts';
import type { Store } from '../../../../core/store/store.ts';
import { allRuns, openKnown } from './plan-progress.ts';

/** As many of the last ones are told. */
const MOST_EVENTS = 2_000;

/** Last first. Trainings that were there before it are told, too, where it uses them. */
export async function planLog(store: Store, { plan: id }: { plan: string }): Promise<PlanEvent[]> {
  const record = store.plans.find(id);
  const { state } = await openKnown(store, record);
  const runs = allRuns(store, state).flatMap(({ run, title }): PlanEvent[] => {
    const told = { run: run.id, model: run.model, place: run.place };
    return store.runs.attempts(run.id).flatMap(({ startedAt, endedAt, outcome, fromStep }, at, all) => {
      const began = fromStep > 0 ? `continues from step ${fromStep}` : 'begins';
      // Only of the last attempt is there a reason.
      const reason = at === all.length - 1 && run.message !== null ? `: ${run.message}` : '';
      const ending: PlanEvent[] =
        endedAt === null
          ? []
          : [
              {
                ...{ ...told, time: endedAt, isBad: outcome === 'failed' },
                text: `${title}: ${outcome ?? 'interrupted'}${reason}`,
              },
            ];
      return [{ ...told, time: startedAt, text: `${title} ${began}`, isBad: false }, ...ending];
    });
  });
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

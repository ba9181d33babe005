/** Runs and searches that an earlier text of a plan queued and its present text does not need. They stay queued. */
import { planTag } from '../../../../core/store/home/plans.ts';
import { phaseOf, RUN_STATUSES } from '../../../../core/store/runs/run-life.ts';
import type { Store } from '../../../../core/store/store.ts';
import type { BlockState } from './plan-state.ts';

export interface OfEarlierTexts {
  /** Runs that wait or train, of which no other plan is known to want them. */
  runs: { id: string; name: string }[];
  /** Names of sweeps that make further trials. */
  searches: string[];
}

const OPEN = RUN_STATUSES.filter((status) => phaseOf(status) !== 'ended');
const isOfPlan = (tag: string) => tag.startsWith(planTag(''));

/** `state`: of the whole plan; what a mistake in it leaves out would seem to be of an earlier text. `wanted`: the ids of all its runs. */
export function ofEarlierTexts(
  store: Store,
  name: string,
  state: readonly BlockState[],
  wanted: ReadonlySet<string>,
): OfEarlierTexts {
  const searched = new Set(state.flatMap(({ rows }) => rows.flatMap((row) => row.searched?.study?.id ?? [])));
  const tagged = store.table.tagged(planTag(name), OPEN).filter(({ id }) => !wanted.has(id));
  const isOwn = (run: string) =>
    store.table
      .annotations(run)
      .tags.filter(isOfPlan)
      .every((tag) => tag === planTag(name));
  const searches = store.studies.open().filter(({ id }) => !searched.has(id));
  const hasTag = (id: string) =>
    store.studies.runIds(id).some((run) => store.table.annotations(run).tags.includes(planTag(name)));
  return {
    runs: tagged.filter(({ id }) => isOwn(id)),
    searches: searches.flatMap(({ id }) => (hasTag(id) ? [store.studies.find(id).name] : [])),
  };
}

/** What was spent on the settings of each model of a data set: a table is fair where all had the same. */
import type { TuningBudget } from '../../../core/api/studies.ts';
import { dataKey } from '../../../core/evaluation/same-data.ts';
import type { StudyKind, StudySpec } from '../../../core/store/home/study-spec.ts';
import type { Store } from '../../../core/store/store.ts';
import { isSweep } from '../../../core/studies/study.ts';

/** Of each model the sweep of most trials; the sweep that is asked about stands for its own model. Throws UserError where there is no such study. */
export function tuningBudgets(
  store: Store,
  { study, kind }: { study: string; kind?: StudyKind },
): TuningBudget[] {
  const { id: own, spec } = store.studies.find(study, kind);
  const data = dataOf(store, own, spec);
  const alike = store.studies.list('sweep').flatMap(({ id, name, spec: other }) => {
    if (!isSweep(other) || other.sweep.metric !== spec.sweep?.metric) return [];
    if (dataOf(store, id, other) !== data) return [];
    const canExtend = other.sweep.search !== 'grid' && !other.sweep.found;
    return [{ study: id, name, model: other.model, canExtend }];
  });
  const spent = store.sweeps.spent(alike.map(({ study: id }) => id));
  const known = alike
    .flatMap((one) => {
      const { trials, seconds } = spent.get(one.study) ?? { trials: 0, seconds: null };
      return trials === 0 && one.study !== own ? [] : [{ ...one, trials, seconds }];
    })
    .sort((a, b) => Number(b.study === own) - Number(a.study === own) || b.trials - a.trials);
  return [...Map.groupBy(known, ({ model }) => model).values()]
    .map(([most]) => most)
    .sort((a, b) => b.trials - a.trials);
}

/** What its data have in common with those of other studies; the runs of trackers tell a name alone. */
function dataOf({ datasets }: Store, study: string, { dataset }: StudySpec): string {
  const summary = datasets.evenDeleted(dataset.id);
  return summary ? dataKey(summary) : dataset.id || dataset.name || study;
}

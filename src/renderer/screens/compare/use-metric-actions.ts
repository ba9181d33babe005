import type { ComparisonView } from '../../../core/api/compare.ts';
import type { Action } from '../../actions/action.ts';
import { useRegisteredActions } from '../../actions/registry.ts';
import { useRoute } from '../../state/navigation.ts';
import { type CompareRoute, readCompareRoute } from './compare-route.ts';
import { RECOMMENDATIONS, recommending } from './RecommendationsTab.tsx';

/** What can be done with the selected rows of the metric table, for the buttons, the keys and the palette. */
export function useMetricActions(
  view: ComparisonView,
  selection: ReadonlySet<string>,
  onChange: (changes: Partial<CompareRoute>) => void,
  onRename: (row: string) => void,
) {
  const others = view.rows.filter(({ id }) => !selection.has(id));
  const { look } = readCompareRoute(useRoute());
  const actions: Action[] = [
    {
      ...{ id: 'compare.pin', label: 'Pin the selected run as baseline', short: 'Pin as baseline' },
      ...{ group: 'Run', shortcut: 'b' },
      enabled: () => selection.size === 1,
      perform: () => onChange({ baseline: [...selection][0] }),
    },
    {
      ...{ id: 'compare.rename', label: 'Rename the selected row', short: 'Rename' },
      ...{ group: 'Run', shortcut: 'F2' },
      enabled: () => selection.size === 1,
      perform: () => onRename([...selection][0]),
    },
    {
      ...{ id: 'compare.recommendations', label: 'Show the recommendations of the selected runs' },
      ...{ short: 'Recommendations', group: 'Run', shortcut: 'o' },
      enabled: () => recommending(view).length > 0,
      perform: () => onChange({ view: RECOMMENDATIONS, look: { ...look, shown: [...selection].join(',') } }),
    },
    {
      ...{ id: 'compare.remove', label: 'Remove the selected runs from the comparison', short: 'Remove' },
      ...{ group: 'Run', shortcut: 'Delete' },
      enabled: () => selection.size > 0 && others.length > 0,
      perform: () => {
        const baseline = view.baseline === null ? null : view.rows[view.baseline].id;
        onChange({
          runs: [...others.flatMap(({ runs }) => runs), ...view.withoutResults].map(({ id }) => id),
          baseline: baseline !== null && selection.has(baseline) ? undefined : baseline,
        });
      },
    },
  ];
  useRegisteredActions(actions);
  return actions;
}

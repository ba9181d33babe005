import { useCallback, useMemo, useRef } from 'react';
import type { ComparisonView } from '../../../core/api/compare.ts';
import type { Action } from '../../actions/action.ts';
import { useRegisteredActions } from '../../actions/registry.ts';
import type { CompareRoute } from './compare-route.ts';

/** What can be done with the selected rows of the metric table, for the buttons, the keys and the palette. */
export function useMetricActions(
  view: ComparisonView,
  selection: ReadonlySet<string>,
  onChange: (changes: Partial<CompareRoute>) => void,
) {
  const remaining = view.rows.filter(({ id }) => !selection.has(id));
  const canRemove = selection.size > 0 && remaining.length > 0;
  const current = useRef({ selection, remaining, canRemove, onChange, view });
  current.current = { selection, remaining, canRemove, onChange, view };
  const pin = useCallback(() => {
    const [baseline] = current.current.selection;
    if (baseline !== undefined) current.current.onChange({ baseline });
  }, []);
  const remove = useCallback(() => {
    const { remaining: rows, selection: gone, view: shown, onChange: change } = current.current;
    const kept = rows.flatMap(({ runs }) => runs.map(({ id }) => id));
    const waiting = shown.withoutResults.map(({ id }) => id);
    const baseline = shown.baseline === null ? null : shown.rows[shown.baseline].id;
    change({
      runs: [...kept, ...waiting],
      baseline: baseline !== null && gone.has(baseline) ? undefined : baseline,
    });
  }, []);
  const actions = useMemo(
    (): Action[] => [
      {
        id: 'compare.pin',
        label: 'Pin the selected run as baseline',
        group: 'Run',
        shortcut: 'b',
        enabled: () => current.current.selection.size === 1,
        perform: pin,
      },
      {
        id: 'compare.remove',
        label: 'Remove the selected runs from the comparison',
        group: 'Run',
        shortcut: 'Delete',
        enabled: () => current.current.canRemove,
        perform: remove,
      },
    ],
    [pin, remove],
  );
  useRegisteredActions(actions);
  return { pin, remove, canRemove };
}

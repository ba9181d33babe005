/** What is compared and how it is looked at, kept in the address: a comparison can be returned to and linked. */
import { create } from 'zustand';
import { comparisonQuery, NO_BASELINE } from '../../runs/comparison-query.ts';
import { goTo, type Route, useRoute } from '../../state/navigation.ts';

export interface CompareRoute {
  runs: string[];
  /** Undefined for the usual one, null for none. */
  baseline: string | null | undefined;
  /** Undefined for the usual ones. */
  metrics: string[] | undefined;
  view: string;
  /** What a view keeps besides. */
  look: Record<string, string>;
}

const FIRST_VIEW = 'metrics';
const OWN_KEYS = ['runs', 'baseline', 'metrics', 'view'];

function listOf(text: string | null): string[] {
  return (text ?? '').split(',').filter((part) => part !== '');
}

export function readCompareRoute({ query }: Route): CompareRoute {
  const baseline = query.get('baseline');
  const metrics = listOf(query.get('metrics'));
  return {
    runs: [...new Set(listOf(query.get('runs')))],
    baseline: baseline === NO_BASELINE ? null : (baseline ?? undefined),
    metrics: metrics.length > 0 ? metrics : undefined,
    view: query.get('view') ?? FIRST_VIEW,
    look: Object.fromEntries([...query].filter(([key]) => !OWN_KEYS.includes(key))),
  };
}

/** The comparison that was shown last in this session, for a return by the sidebar. */
export const useLastComparison = create<{ last: CompareRoute | null }>(() => ({ last: null }));

export function goToComparison(route: CompareRoute): void {
  const { runs, view, look } = route;
  if (runs.length > 0) useLastComparison.setState({ last: route });
  goTo('compare', [], {
    ...look,
    ...comparisonQuery(route),
    ...(view === FIRST_VIEW ? {} : { view }),
  });
}

export function useCompareRoute(): [CompareRoute, (changes: Partial<CompareRoute>) => void] {
  const route = readCompareRoute(useRoute());
  return [route, (changes) => goToComparison({ ...route, ...changes })];
}

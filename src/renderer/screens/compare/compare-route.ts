/** What is compared and how it is looked at, kept in the address: a comparison can be returned to and linked. */
import { type PracticalRequest, ropeOf } from '../../../core/api/compare.ts';
import { rowNames } from '../../../core/api/comparisons.ts';
import { comparisonQuery, NO_BASELINE } from '../../runs/comparison-query.ts';
import { homeStore } from '../../state/home-store.ts';
import { goTo, type Route, replaceQuery, useRoute } from '../../state/navigation.ts';

export interface CompareRoute {
  runs: string[];
  /** Undefined for the usual one, null for none. */
  baseline: string | null | undefined;
  /** Undefined for the usual ones. */
  metrics: string[] | undefined;
  /** What rows are called, by the id of one of their runs; undefined for their own names. */
  labels: Record<string, string> | undefined;
  /** Whether differences matter, and what they need; undefined where neither is asked. */
  practical: PracticalRequest | undefined;
  view: string;
  /** What a view keeps besides. */
  look: Record<string, string>;
}

const FIRST_VIEW = 'metrics';
const OWN_KEYS = ['runs', 'baseline', 'metrics', 'labels', 'rope', 'power', 'view'];

function listOf(text: string | null): string[] {
  return (text ?? '').split(',').filter((part) => part !== '');
}

/** An address may be typed or cut short: what is no names is none. */
function readLabels(text: string | null): Record<string, string> | undefined {
  try {
    const { data } = rowNames.safeParse(JSON.parse(text ?? ''));
    return data;
  } catch {
    return undefined;
  }
}

function readPractical(query: URLSearchParams): PracticalRequest | undefined {
  const rope = ropeOf(query.get('rope') ?? '') ?? undefined;
  const power = Number(query.get('power') ?? Number.NaN);
  const isPower = power > 0 && power < 1;
  return rope || isPower ? { rope, ...(isPower && { power }) } : undefined;
}

export function readCompareRoute({ query }: Route): CompareRoute {
  const baseline = query.get('baseline');
  const metrics = listOf(query.get('metrics'));
  return {
    runs: [...new Set(listOf(query.get('runs')))],
    baseline: baseline === NO_BASELINE ? null : (baseline ?? undefined),
    metrics: metrics.length > 0 ? metrics : undefined,
    labels: readLabels(query.get('labels')),
    practical: readPractical(query),
    view: query.get('view') ?? FIRST_VIEW,
    look: Object.fromEntries([...query].filter(([key]) => !OWN_KEYS.includes(key))),
  };
}

/** The comparison that was shown last in this session, for a return by the sidebar. */
export const useLastComparison = homeStore<{ last: CompareRoute | null }>(() => ({ last: null }));

export function goToComparison(route: CompareRoute): void {
  if (route.runs.length > 0) useLastComparison.setState({ last: route });
  goTo('compare', [], queryOf(route));
}

function queryOf(route: CompareRoute): Record<string, string> {
  const { view, look } = route;
  return { ...look, ...comparisonQuery(route), ...(view === FIRST_VIEW ? {} : { view }) };
}

/** What is looked at replaces the address; other runs, metrics and views are places of their own. */
export function useCompareRoute(): [CompareRoute, (changes: Partial<CompareRoute>) => void] {
  const route = readCompareRoute(useRoute());
  const change = (changes: Partial<CompareRoute>) => {
    const next = { ...route, ...changes };
    if (Object.keys(changes).join() === 'look') replaceQuery(queryOf(next));
    else goToComparison(next);
  };
  return [route, change];
}

/** What is shown of the runs and how, as the address says it: a link shows what its sender saw. */
import { z } from 'zod';
import { metricDirection } from '../../../core/api/metrics.ts';
import type { RunFilter, RunTotals } from '../../../core/api/runs.ts';
import { isRunField } from './fields.ts';

const filter = z.object({
  field: z.string(),
  operator: z.enum(['=', '!=', '<', '<=', '>', '>=', 'contains']),
  value: z.union([z.string(), z.number(), z.boolean()]),
}) satisfies z.ZodType<RunFilter>;
const sort = z.object({ field: z.string(), descending: z.boolean() });

/** Those alone whose fields runs have: an address can be typed, and a view be of another version. */
function ofKnown<T extends z.ZodType<{ field: string }>>(named: T) {
  return z.array(named).transform((all) => all.filter(({ field }) => isRunField(field)));
}

/** Views of earlier versions were kept with everything in them. */
export const runsView = z.object({
  /** Fields in their order: "name", "metric:test/ndcg@10", "config:dim". Null for those that fit the runs. */
  columns: z.array(z.string()).min(1).nullable().default(null),
  search: z.string().default(''),
  filters: ofKnown(filter).default([]),
  starred: z.boolean().default(false),
  archived: z.enum(['hide', 'only', 'all']).default('hide'),
  /** Null for the main metric of the runs, the best first. */
  sort: ofKnown(sort).nullable().default(null),
  groupBy: z.string().refine(isRunField).nullable().default('dataset'),
  /** Seeds of a configuration, and the runs of a study, stand in one row. */
  fold: z.boolean().default(true),
  /** Keys of closed groups, and of open rows. */
  closed: z.array(z.string()).default([]),
  open: z.array(z.string()).default([]),
});
export type RunsView = z.output<typeof runsView>;

export const DEFAULT_VIEW: RunsView = runsView.parse({});

/** A part is left out where it is as it is by default. */
export function viewQuery(view: RunsView): Record<string, string> {
  const changed = Object.entries(view).filter(
    ([key, value]) => JSON.stringify(value) !== JSON.stringify(DEFAULT_VIEW[key as keyof RunsView]),
  );
  return Object.fromEntries(
    changed.map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
}

/** What an address that was typed or cut says wrongly is as it is by default. */
export function viewOf(query: URLSearchParams): RunsView {
  const parts = Object.keys(DEFAULT_VIEW).flatMap((key) => {
    const text = query.get(key);
    if (text === null) return [];
    const read = [text, parsed(text)].find((value) => runsView.safeParse({ [key]: value }).success);
    return read === undefined ? [] : [[key, read]];
  });
  return runsView.parse(Object.fromEntries(parts));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Whether anything keeps runs out of sight. */
export function isFiltered({ search, filters, starred, archived }: RunsView): boolean {
  return search !== '' || filters.length > 0 || starred || archived !== 'hide';
}

export const UNFILTERED = {
  search: '',
  filters: [],
  starred: false,
  archived: 'hide',
} satisfies Partial<RunsView>;

/** The main metrics of every kind of model, the first one being the one that decides. */
const MAIN = [
  ['test/ndcg@10', 'test/hr@10'],
  ['test/auc', 'test/logloss'],
];

/** The metrics that say most about most of the runs that have these, whose own most frequent one comes first. */
export function mainMetrics(metrics: readonly string[]): string[] {
  const first = metrics.find((name) => MAIN.some((kind) => kind.includes(name)));
  if (first === undefined) return MAIN[0];
  const kind = MAIN.find((names) => names.includes(first)) ?? MAIN[0];
  return kind.filter((name) => metrics.includes(name));
}

/** What a wide window has room for beside the main metrics. */
const MORE = ['test/hr@10', 'test/mrr', 'test/ndcg@50', 'test/hr@50', 'test/logloss'];
const MOST_MORE = 4;

/** Metrics that runs have. */
type Measured = Pick<RunTotals, 'metrics' | 'decisive'>;

export function shownView(view: RunsView, { metrics, decisive }: Measured, isWide = false) {
  const main = mainMetrics([...decisive, ...metrics]);
  const more = MORE.filter((name) => isWide && metrics.includes(name) && !main.includes(name));
  const named = [...main, ...more.slice(0, MOST_MORE)].map((name) => `metric:${name}`);
  const columns = view.columns ?? [
    ...['name', 'status', ...named, 'curve', 'seed', 'selectedEpoch', 'seconds', 'tags', 'createdAt'],
  ];
  const best = { field: `metric:${main[0]}`, descending: metricDirection(main[0]) !== 'lower' };
  return { ...view, columns, sort: view.sort ?? [best] };
}
export type ShownView = ReturnType<typeof shownView>;

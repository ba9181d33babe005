/** What is shown of the runs and how: kept between sessions, and under names of the user's own. */
import { z } from 'zod';
import type { RunFilter } from '../../../core/api/runs.ts';
import { useView } from '../../state/view.ts';

const filter = z.object({
  field: z.string(),
  operator: z.enum(['=', '!=', '<', '<=', '>', '>=', 'contains']),
  value: z.union([z.string(), z.number(), z.boolean()]),
}) satisfies z.ZodType<RunFilter>;

const runsView = z.object({
  /** Fields in their order: "name", "metric:test/ndcg@10", "config:dim". */
  columns: z.array(z.string()).min(1),
  widths: z.record(z.string(), z.number()),
  search: z.string(),
  filters: z.array(filter),
  starred: z.boolean(),
  archived: z.enum(['hide', 'only', 'all']),
  sort: z.array(z.object({ field: z.string(), descending: z.boolean() })),
  groupBy: z.string().nullable(),
  fold: z.boolean(),
});
export type RunsView = z.output<typeof runsView>;

const savedViews = z.array(z.object({ name: z.string(), view: runsView }));
export type SavedView = z.output<typeof savedViews>[number];

export const DEFAULT_VIEW: RunsView = {
  columns: [
    ...['name', 'status', 'model', 'dataset'],
    // A window of 1024 pixels ends here.
    ...['metric:test/ndcg@10', 'metric:test/hr@10'],
    ...['curve', 'seed', 'metric:test/mrr', 'epochs', 'seconds', 'tags', 'createdAt'],
  ],
  widths: {},
  search: '',
  filters: [],
  starred: false,
  archived: 'hide',
  sort: [],
  groupBy: null,
  fold: true,
};

const NO_VIEWS: SavedView[] = [];

const checkView = (stored: unknown) => runsView.safeParse(stored).data ?? null;
const checkViews = (stored: unknown) => savedViews.safeParse(stored).data ?? null;

export function useRunsView() {
  return useView('runs:current', DEFAULT_VIEW, checkView);
}

export function useSavedViews() {
  return useView('runs:saved', NO_VIEWS, checkViews);
}

/** Whether anything keeps runs out of sight. */
export function isFiltered({ search, filters, starred, archived }: RunsView): boolean {
  return search !== '' || filters.length > 0 || starred || archived !== 'hide';
}

export const UNFILTERED: Pick<RunsView, 'search' | 'filters' | 'starred' | 'archived'> = {
  search: '',
  filters: [],
  starred: false,
  archived: 'hide',
};

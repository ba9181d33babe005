import { useCallback, useEffect, useMemo } from 'react';
import { z } from 'zod';
import { type RunsView, runsView, viewOf, viewQuery } from '../../runs/table/runs-view.ts';
import { homeStore } from '../../state/home-store.ts';
import { replaceQuery, useRoute } from '../../state/navigation.ts';
import { savedUnder } from '../../state/saved.ts';
import { useView } from '../../state/view.ts';

export const { useAll: useSavedViews, keep: keepView } = savedUnder('runs:saved', 'view', runsView);

const ownColumns = z.object({
  columns: z.array(z.string()).min(1).nullable(),
  widths: z.record(z.string(), z.number()),
});
const NO_COLUMNS: z.output<typeof ownColumns> = { columns: null, widths: {} };
const checkColumns = (stored: unknown) => ownColumns.safeParse(stored).data ?? null;

/** The columns that the user has chosen, for addresses that name none, and their widths. */
export function useOwnColumns() {
  return useView('runs:columns', NO_COLUMNS, checkColumns);
}

/** As it was left last in this session, and of which project. */
const useLastView = homeStore<{ query: Record<string, string>; project?: string }>(() => ({ query: {} }));

/** The same elsewhere: what was searched in one project says nothing in another. */
function lastView(project: string | undefined): Record<string, string> {
  const { query, project: of } = useLastView.getState();
  if (of === project) return query;
  const { search: _, filters: __, starred: ___, archived: ____, ...layout } = query;
  return layout;
}

/** What the address says of the view, and with what it leaves out. */
function textsOf(query: URLSearchParams, columns: readonly string[] | null) {
  const { project, ...said } = Object.fromEntries(query);
  const parts = {
    ...(columns ? { columns: JSON.stringify(columns) } : {}),
    ...(Object.keys(said).length > 0 ? said : lastView(project)),
  };
  const shown = new URLSearchParams(said).toString();
  return { project: project as string | undefined, text: new URLSearchParams(parts).toString(), shown };
}

/** The view in the address, and where that says nothing, as it was left last. */
export function useRunsView(): [RunsView, (changes: Partial<RunsView>) => void] {
  const query = useRoute((route) => route.query);
  const [own] = useOwnColumns();
  // Of very many columns an address is long, and a table that scrolls is here often.
  const { project, text, shown } = useMemo(() => textsOf(query, own.columns), [query, own.columns]);
  const show = useCallback(
    (query: Record<string, string>) => {
      useLastView.setState({ query, project });
      replaceQuery({ ...query, ...(project !== undefined && { project }) });
    },
    [project],
  );
  useEffect(() => {
    const query = Object.fromEntries(new URLSearchParams(text));
    if (text === shown) useLastView.setState({ query, project });
    else show(query);
  }, [text, shown, show, project]);
  const view = useMemo(() => viewOf(new URLSearchParams(text)), [text]);
  const change = useCallback(
    (changes: Partial<RunsView>) => show(viewQuery({ ...view, ...changes })),
    [view, show],
  );
  return [view, change];
}

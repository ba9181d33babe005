import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useMemo, useState } from 'react';
import type { RunTableQuery } from '../../../core/api/runs.ts';
import { Button } from '../../components/Button.tsx';
import { copyChoices } from '../../components/copy.ts';
import { DataTable } from '../../components/DataTable.tsx';
import type { Sort } from '../../components/data-table-types.ts';
import { EmptyState } from '../../components/EmptyState.tsx';
import { Menu } from '../../components/Menu.tsx';
import { Problem } from '../../components/Problem.tsx';
import { Screen } from '../../components/Screen.tsx';
import { grouped } from '../../format/format.ts';
import { api, client } from '../../state/api.ts';
import { goTo } from '../../state/navigation.ts';
import { usePagedRows } from '../../state/paged-rows.ts';
import { runColumns } from './columns.tsx';
import { useRunActions } from './run-actions.ts';

const METRICS = ['test/ndcg@10', 'test/hr@10', 'test/mrr'];
/** As many rows as anyone pastes. */
const COPIED_ROWS = 1_000;

/** All runs, newest first, seeds of one config folded into a row. */
export default function RunsScreen() {
  const [search, setSearch] = useState('');
  const [fold, setFold] = useState(true);
  const [sort, setSort] = useState<Sort[]>([]);
  const [selection, setSelection] = useState<ReadonlySet<string>>(new Set());
  const fields = useQuery(api.runs.fields.queryOptions());
  const query = useDeferredValue({ search, fold, sort: sort.map(toSortKey), metrics: METRICS });
  const rows = usePagedRows((offset, limit) =>
    api.runs.table.queryOptions({ input: { ...query, offset, limit } }),
  );
  const columns = useMemo(() => runColumns(METRICS), []);
  const chosen = Array.from({ length: rows.total }, (_, index) => rows.row(index)).filter(
    (row) => row !== undefined && selection.has(row.id),
  );
  const runs = chosen.flatMap((row) => row?.runs.map(({ id }) => id) ?? []);
  const { deleteRuns, star } = useRunActions(runs, () => setSelection(new Set()));
  const copied = async () => (await client.runs.table({ ...query, limit: COPIED_ROWS })).rows;

  if (fields.data && fields.data.runs + fields.data.archived === 0 && search === '') {
    return (
      <Screen title="Runs">
        <EmptyState title="No runs yet">
          <p>Drop a ratings file on the window to import it, then train a model on it.</p>
        </EmptyState>
      </Screen>
    );
  }
  return (
    <Screen
      title="Runs"
      aside={
        <>
          <span className="muted">{grouped(rows.total)}</span>
          <input
            className="input"
            type="search"
            aria-label="Search runs"
            placeholder="Search"
            value={search}
            onChange={(event) => setSearch(event.target.value)}
          />
          <label>
            <input type="checkbox" checked={fold} onChange={(event) => setFold(event.target.checked)} /> Fold
            seeds
          </label>
        </>
      }
      actions={
        <>
          <Button disabled={runs.length === 0} onClick={star}>
            Star
          </Button>
          <Button kind="danger" disabled={runs.length === 0} onClick={deleteRuns}>
            Delete
          </Button>
          <Menu trigger={<Button>Copy</Button>} choices={copyChoices(columns, copied)} />
        </>
      }
    >
      {rows.error ? (
        <Problem error={rows.error} onRetry={rows.retry} />
      ) : (
        <DataTable
          label="Runs"
          columns={columns}
          total={rows.total}
          row={rows.row}
          rowKey={(row) => row.id}
          onRange={rows.onRange}
          selection={selection}
          onSelect={setSelection}
          onOpen={(row) => goTo('run', [row.id])}
          sort={sort}
          onSort={setSort}
        />
      )}
    </Screen>
  );
}

function toSortKey({ field, descending }: Sort): RunTableQuery['sort'][number] {
  return { field: METRICS.includes(field) ? `metric:${field}` : field, descending };
}

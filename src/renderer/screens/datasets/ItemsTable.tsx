import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useMemo, useState } from 'react';
import type { DatasetSummary, ItemRow } from '../../../core/api/datasets.ts';
import { Button } from '../../components/Button.tsx';
import { type Column, column, numeric, type Sort } from '../../components/columns.ts';
import { copyChoices } from '../../components/copy.ts';
import { DataTable } from '../../components/DataTable.tsx';
import { Menu } from '../../components/Menu.tsx';
import { Problem } from '../../components/Problem.tsx';
import { grouped } from '../../format/format.ts';
import { api, client } from '../../state/api.ts';
import { usePagedRows } from '../../state/paged-rows.ts';

/** As many rows as the api gives at once, and as anyone pastes. */
const COPIED_ROWS = 500;
const SORTABLE = ['id', 'title', 'interactions'] as const;

/** The whole catalogue, searched and sorted where it lies. */
export function ItemsTable({ dataset }: { dataset: DatasetSummary }) {
  const [search, setSearch] = useState('');
  const [sort, setSort] = useState<Sort[]>([{ field: 'interactions', descending: true }]);
  const query = useDeferredValue({ dataset: dataset.id, search, ...sortOf(sort) });
  const rows = usePagedRows((offset, limit) => {
    const input = { ...query, offset, limit };
    return {
      queryKey: [...api.datasets.items.queryKey({ input }), 'rows'],
      queryFn: async () => {
        const { total, items } = await client.datasets.items(input);
        return { total, rows: items };
      },
    };
  });
  const { data: first } = useQuery(
    api.datasets.items.queryOptions({ input: { dataset: dataset.id, limit: 1 } }),
  );
  const { hasTitles } = dataset.statistics;
  const columns = useMemo(() => itemColumns(hasTitles, first?.side ?? []), [hasTitles, first]);
  const copied = async () => (await client.datasets.items({ ...query, limit: COPIED_ROWS })).items;
  return (
    <div className="items">
      <div className="toolbar">
        <input
          className="input items-search"
          type="search"
          aria-label="Search items"
          placeholder={hasTitles ? 'Search titles and ids' : 'Search ids'}
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
        <span className="muted" role="status">
          {grouped(rows.total)} {rows.total === 1 ? 'item' : 'items'}
        </span>
        <span className="toolbar-end">
          <Menu trigger={<Button>Copy</Button>} choices={copyChoices(columns, copied)} />
        </span>
      </div>
      {rows.error ? (
        <Problem error={rows.error} onRetry={rows.retry} />
      ) : rows.total === 0 && !rows.loading ? (
        <p className="muted items-none">No item has "{search}" in its title or id.</p>
      ) : (
        <div className="items-table">
          <DataTable
            label="Items"
            columns={columns}
            total={rows.total}
            row={rows.row}
            rowKey={({ item }) => String(item)}
            onRange={rows.onRange}
            sort={sort}
            onSort={setSort}
          />
        </div>
      )}
    </div>
  );
}

function sortOf([key]: readonly Sort[]) {
  const field = SORTABLE.find((known) => known === key?.field);
  return { sort: field ?? 'interactions', descending: field === undefined || key.descending } as const;
}

function itemColumns(hasTitles: boolean, side: readonly string[]): Column<ItemRow>[] {
  return [
    column('id', 'Id', ({ originalId }) => originalId, { width: 120, sortable: true }),
    ...(hasTitles
      ? [column('title', 'Title', ({ title }: ItemRow) => title ?? '', { width: 360, sortable: true })]
      : []),
    numeric('interactions', 'Interactions', ({ interactions }) => grouped(interactions), {
      width: 110,
      sortable: true,
    }),
    ...side.map(
      (name): Column<ItemRow> =>
        column(`side:${name}`, name, (row) => String(row.side[name] ?? ''), { width: 180 }),
    ),
  ];
}

import { useMemo, useState } from 'react';
import type { DatasetSummary, ItemRow } from '../../../core/api/datasets.ts';
import { CopyMenu } from '../../components/CopyMenu.tsx';
import { type Column, column, type Sort } from '../../components/columns.ts';
import { SearchField } from '../../components/controls.tsx';
import { Table } from '../../components/Table.tsx';
import { countText } from '../../format/format.ts';
import { api, client } from '../../state/api.ts';
import { usePagedRows } from '../../state/paged-rows.ts';

const SORTABLE = ['id', 'title', 'interactions'] as const;

/** The whole catalogue, searched and sorted where it lies. */
export function ItemsTable({ dataset }: { dataset: DatasetSummary }) {
  const [search, setSearch] = useState('');
  const [sort, setSort] = useState<Sort[]>([{ field: 'interactions', descending: true }]);
  const query = { dataset: dataset.id, search, ...sortOf(sort) };
  const rows = usePagedRows((offset, limit) => {
    const input = { ...query, offset, limit };
    return {
      queryKey: [...api.datasets.items.queryKey({ input }), 'rows'],
      queryFn: async () => {
        const { items, ...page } = await client.datasets.items(input);
        return { ...page, rows: items };
      },
    };
  });
  const { hasTitles } = dataset.statistics;
  const side = rows.data?.side;
  const columns = useMemo(() => itemColumns(hasTitles, side ?? []), [hasTitles, side]);
  return (
    <div className="tall column">
      <div className="toolbar">
        <SearchField
          className="items-search"
          label="Search items"
          placeholder={hasTitles ? 'Search titles and ids' : 'Search ids'}
          value={search}
          onValue={setSearch}
          debounced
        />
        <span className="muted" role="status">
          {rows.data && countText(rows.total, 'item')}
        </span>
        <span className="push">
          <CopyMenu framed what="items" columns={columns} rows={rows.all} />
        </span>
      </div>
      {rows.data && rows.total === 0 ? (
        <p className="muted page-inset">No item has "{search}" in its title or id.</p>
      ) : (
        <div className="fill line-above">
          <Table
            label="Items"
            columns={columns}
            rows={rows.data && rows}
            query={rows}
            sort={sort}
            onSort={setSort}
          />
        </div>
      )}
    </div>
  );
}

function sortOf([key]: readonly Sort[]) {
  const field = SORTABLE.find((id) => id === key?.field);
  return { sort: field ?? 'interactions', descending: field === undefined || key.descending } as const;
}

const sortable = true;

function itemColumns(hasTitles: boolean, side: readonly string[]): Column<ItemRow>[] {
  return [
    column('id', 'Id', 'text', ({ originalId }) => originalId, { width: 120, sortable }),
    ...(hasTitles
      ? [column('title', 'Title', 'text', ({ title }: ItemRow) => title ?? '', { width: 360, sortable })]
      : []),
    column('interactions', 'Interactions', 'count', (row) => row.interactions, { width: 110, sortable }),
    ...side.map(
      (name): Column<ItemRow> =>
        column(`side:${name}`, name, 'text', (row) => String(row.side[name] ?? ''), { width: 180 }),
    ),
  ];
}

import { useMemo, useState } from 'react';
import type { CodedItem } from '../../../core/api/codebooks.ts';
import { CopyMenu } from '../../components/CopyMenu.tsx';
import { type Column, column, numeric } from '../../components/columns.ts';
import { Problem } from '../../components/Problem.tsx';
import { grouped } from '../../format/format.ts';
import { api, client } from '../../state/api.ts';
import { useDebounced } from '../../state/debounced.ts';
import { usePagedRows } from '../../state/paged-rows.ts';
import { idText } from './codebook-route.ts';
import { ItemTable } from './ItemTable.tsx';
import { useWorkbench } from './workbench.ts';

/** As many rows as the api gives at once. */
const COPIED_ROWS = 1_000;
const TYPING_MS = 150;

/** The selected items, searched by title. A click opens an item's card. */
export function ItemsPane() {
  const { selected } = useWorkbench();
  const [search, setSearch] = useState('');
  const asked = useDebounced(search.trim(), TYPING_MS);
  const rows = usePagedRows((offset, limit) =>
    api.codebooks.items.queryOptions({ input: { ...selected, search: asked, offset, limit } }),
  );
  const columns = useMemo(() => itemColumns(), []);
  const copied = async () =>
    (await client.codebooks.items({ ...selected, search: asked, limit: COPIED_ROWS })).rows;
  return (
    <section className="codebook-items" aria-label="Selected items">
      <div className="codebook-items-head">
        <input
          className="input"
          type="search"
          aria-label="Search items by title"
          placeholder="Search titles and ids"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
        <CopyMenu label="Copy items" columns={columns} rows={copied} />
      </div>
      {rows.error ? (
        <Problem error={rows.error} onRetry={rows.retry} />
      ) : rows.total === 0 && !rows.loading ? (
        <p className="muted codebook-none">
          {asked === '' ? 'No item has these codes.' : `No selected item has “${asked}” in its title or id.`}
        </p>
      ) : (
        <div className="codebook-items-table">
          <ItemTable label="Items" columns={columns} rows={rows} />
        </div>
      )}
      <p className="codebook-items-foot muted" role="status">
        {rows.loading
          ? 'Looking'
          : `${grouped(rows.total)} item${rows.total === 1 ? '' : 's'}, most popular first`}
      </p>
    </section>
  );
}

function itemColumns(): Column<CodedItem>[] {
  return [
    column('title', 'Title', ({ title, id }) => title ?? id, { width: 190 }),
    column(
      'codes',
      'Semantic ID',
      ({ codes, collisionToken }) => (codes.length === 0 ? 'none' : idText(codes, collisionToken)),
      { width: 130 },
    ),
    numeric('interactions', 'Uses', ({ interactions }) => grouped(interactions), { width: 56 }),
  ];
}

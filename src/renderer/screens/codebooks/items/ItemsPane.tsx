import { useEffect, useMemo, useRef, useState } from 'react';
import type { CodedItem } from '../../../../core/api/codebooks.ts';
import { CopyMenu } from '../../../components/CopyMenu.tsx';
import { type Column, column } from '../../../components/columns.ts';
import { SearchField } from '../../../components/controls.tsx';
import { IdTiles, idWidth } from '../../../components/IdTiles.tsx';
import { countText, idText } from '../../../format/format.ts';
import { api } from '../../../state/api.ts';
import { usePagedRows } from '../../../state/paged-rows.ts';
import { useTransientView, useWorkbench } from '../workbench.ts';
import { ItemTable } from './ItemTable.tsx';

function itemColumns(levels: number): Column<CodedItem>[] {
  return [
    column('title', 'Title', 'text', ({ title, id }) => title ?? id, { width: 96, grows: true }),
    column(
      'codes',
      'Semantic ID',
      'text',
      ({ codes, collisionToken }) => (codes.length === 0 ? 'none' : idText(codes, collisionToken)),
      {
        width: idWidth(levels),
        render: ({ codes, collisionToken }) =>
          codes.length === 0 ? 'none' : <IdTiles codes={codes} collisionToken={collisionToken} />,
      },
    ),
    column('interactions', 'Interactions', 'count', ({ interactions }) => interactions, { width: 104 }),
  ];
}

/** The selected items, searched by title. A click opens an item's card. */
export function ItemsPane() {
  const { selected, facts } = useWorkbench();
  const columns = useMemo(() => itemColumns(facts.levels), [facts.levels]);
  const [search, setSearch] = useState('');
  const field = useRef<HTMLInputElement>(null);
  const { isFinding } = useTransientView();
  useEffect(() => {
    if (!isFinding) return;
    field.current?.focus();
    useTransientView.setState({ isFinding: false });
  }, [isFinding]);
  const request = search.trim();
  const rows = usePagedRows((offset, limit) =>
    api.codebooks.items.queryOptions({ input: { ...selected, search: request, offset, limit } }),
  );
  return (
    <section className="codebook-items grid tall" aria-label="Selected items">
      <div className="row gap-1 small-inset">
        <SearchField
          ref={field}
          className="grow"
          label="Search items by title"
          placeholder="Search titles and ids"
          value={search}
          onValue={setSearch}
          debounced
        />
        <CopyMenu what="items" columns={columns} rows={rows.all} />
      </div>
      {rows.data && rows.total === 0 ? (
        <p className="muted panel-inset">
          {request === ''
            ? 'No item has these codes.'
            : `No selected item has “${request}” in its title or id.`}
        </p>
      ) : (
        <div className="flattens line-above">
          <ItemTable label="Items" columns={columns} rows={rows.data && rows} query={rows} />
        </div>
      )}
      <p className="muted line-above small-inset" role="status">
        {rows.data && `${countText(rows.total, 'item')}, most popular first`}
      </p>
    </section>
  );
}

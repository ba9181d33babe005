import type { MouseEvent } from 'react';
import type { Column, Sort } from './data-table-types.ts';

interface TableHeadProps<Row> {
  shown: { column: Column<Row>; width: number; resize(event: unknown): void; left: number | null }[];
  sort: readonly Sort[];
  onSort?(sort: Sort[]): void;
}

/** The next state of a column: ascending, descending, not sorted. Shift keeps the keys before it. */
function nextSort(sort: readonly Sort[], field: string, keep: boolean): Sort[] {
  const known = sort.find((key) => key.field === field);
  const others = keep ? sort.filter((key) => key.field !== field) : [];
  if (known?.descending) return others;
  return [...others, { field, descending: known !== undefined }];
}

export function TableHead<Row>({ shown, sort, onSort }: TableHeadProps<Row>) {
  return (
    <div role="rowgroup" className="table-head">
      <div role="row" aria-rowindex={1} style={{ display: 'flex' }}>
        {shown.map(({ column, width, resize, left }) => {
          const key = sort.find(({ field }) => field === column.id);
          const direction = key ? (key.descending ? 'descending' : 'ascending') : 'none';
          const onClick = (event: MouseEvent) => onSort?.(nextSort(sort, column.id, event.shiftKey));
          return (
            <div
              key={column.id}
              className="table-head-cell"
              role="columnheader"
              aria-sort={column.sortable ? direction : undefined}
              data-align={column.numeric ? 'end' : undefined}
              data-pinned={left !== null || undefined}
              style={{ width, left: left ?? undefined }}
            >
              {column.sortable && onSort ? (
                <button type="button" className="table-head-label" onClick={onClick}>
                  {column.title}
                  {key ? (key.descending ? ' ↓' : ' ↑') : ''}
                </button>
              ) : (
                <span className="table-head-label">{column.title}</span>
              )}
              <span className="table-resizer" aria-hidden="true" onPointerDown={resize} />
            </div>
          );
        })}
      </div>
    </div>
  );
}

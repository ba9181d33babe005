import { ArrowDown, ArrowUp } from 'lucide-react';
import type { DragEvent, MouseEvent } from 'react';
import type { Column, Sort } from './columns.ts';
import { Icon } from './Icon.tsx';

interface TableHeadProps<Row> {
  shown: {
    column: Column<Row>;
    width: number;
    grows: boolean;
    resize(event: unknown): void;
    left: number | null;
  }[];
  sort: readonly Sort[];
  onSort?(sort: Sort[]): void;
  /** A head was dropped on another, to stand before it. */
  onMove?(id: string, before: string): void;
}

const DRAGGED = 'application/x-tessera-column';

/** The next state of a column: its first direction, the other one, not sorted. Shift keeps the keys before it. */
function nextSort<Row>(
  sort: readonly Sort[],
  { id, largestFirst = false }: Column<Row>,
  keep: boolean,
): Sort[] {
  const current = sort.find((key) => key.field === id);
  const others = keep ? sort.filter((key) => key.field !== id) : [];
  if (current && current.descending !== largestFirst) return others;
  return [...others, { field: id, descending: current ? !largestFirst : largestFirst }];
}

function dragProps(id: string) {
  return {
    draggable: true,
    onDragStart: ({ dataTransfer }: DragEvent) => {
      dataTransfer.setData(DRAGGED, id);
      dataTransfer.effectAllowed = 'move';
    },
  };
}

export function TableHead<Row>({ shown, sort, onSort, onMove }: TableHeadProps<Row>) {
  const drag = (column: Column<Row>) => (onMove && !column.pinned ? dragProps(column.id) : {});
  return (
    <div role="rowgroup" className="table-head">
      <div role="row" aria-rowindex={1}>
        {shown.map(({ column, width, resize, left, grows }) => {
          const key = sort.find(({ field }) => field === column.id);
          const direction = key ? (key.descending ? 'descending' : 'ascending') : 'none';
          const onClick = (event: MouseEvent) => onSort?.(nextSort(sort, column, event.shiftKey));
          return (
            <div
              key={column.id}
              className="table-head-cell"
              role="columnheader"
              aria-sort={column.sortable ? direction : undefined}
              data-align={column.numeric ? 'end' : undefined}
              data-pinned={left !== null || undefined}
              data-spread={column.spread}
              data-grows={grows || undefined}
              style={{ width, left: left ?? undefined }}
              onDragOver={(event) => {
                if (onMove && !column.pinned && event.dataTransfer.types.includes(DRAGGED))
                  event.preventDefault();
              }}
              onDrop={(event) => {
                const id = event.dataTransfer.getData(DRAGGED);
                if (id !== '' && id !== column.id) onMove?.(id, column.id);
              }}
            >
              {column.sortable && onSort ? (
                <button type="button" className="table-head-label clip" onClick={onClick} {...drag(column)}>
                  {key && <Icon of={key.descending ? ArrowDown : ArrowUp} />}
                  {column.title}
                </button>
              ) : (
                <span
                  className={column.titleHidden ? 'visually-hidden' : 'table-head-label clip'}
                  {...drag(column)}
                >
                  {column.title}
                </span>
              )}
              <span className="table-resizer" aria-hidden="true" onPointerDown={resize} />
            </div>
          );
        })}
      </div>
    </div>
  );
}

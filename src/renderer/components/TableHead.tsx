import { ArrowDown, ArrowUp } from 'lucide-react';
import {
  type DragEvent,
  Fragment,
  type KeyboardEvent,
  type MouseEvent,
  memo,
  type PointerEvent,
  type ReactNode,
} from 'react';
import { Icon } from './Button.tsx';
import { type Column, isNumeric, type Sort } from './columns.ts';
import type { DrawnColumn } from './columns-in-sight.ts';
import { meaningOf } from './meaning.ts';
import { type BoxState, RowBox } from './RowBox.tsx';

interface TableHeadProps<Row> {
  shown: readonly DrawnColumn<Row>[];
  /** Pixels of all columns, drawn or not. */
  width: number;
  /** Widths are not its own, nor the user's. */
  flows: boolean;
  sort: readonly Sort[];
  onSort?(sort: Sort[]): void;
  onMove?(id: string, before: string): void;
  onResize(id: string, width: number | null): void;
  /** Of all rows; undefined where they are not known. */
  checked: BoxState | undefined;
  onCheck(on: boolean): void;
}

const DRAGGED = 'application/x-tessera-column';
/** Pixels that a key makes a column wider. */
const STEP = 8;

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

export function TableHead<Row>({
  shown,
  flows,
  width,
  checked,
  onCheck,
  sort,
  ...props
}: TableHeadProps<Row>) {
  return (
    <thead {...(!flows && { className: 'table-head flex', style: { width } })}>
      <tr aria-rowindex={flows ? undefined : 1}>
        {shown.map(({ column, width: own, left, grows, at, gap }) => (
          <HeadCell
            key={column.id}
            {...{ column, left, grows, at, gap, flows, sort, ...props }}
            width={own}
            box={
              column.id === 'select' &&
              checked !== undefined && <RowBox label="Select all rows" state={checked} onCheck={onCheck} />
            }
          />
        ))}
      </tr>
    </thead>
  );
}

interface HeadCellProps<Row>
  extends Omit<DrawnColumn<Row>, 'waits'>,
    Pick<TableHeadProps<Row>, 'flows' | 'sort' | 'onSort' | 'onMove' | 'onResize'> {
  box: ReactNode;
}

/** A head sorts by a click; Alt with an arrow key makes its column narrower or wider. */
const HeadCell = memo(PlainHeadCell) as typeof PlainHeadCell;

function PlainHeadCell<Row>(props: HeadCellProps<Row>) {
  const { column, width, left, grows, at, gap, flows, sort, onSort, onMove, onResize, box } = props;
  const key = sort.find(({ field }) => field === column.id);
  const direction = key ? (key.descending ? 'descending' : 'ascending') : 'none';
  const movable = onMove && !column.pinned;
  const clips = { className: 'table-head-label clip bare', ...(movable && dragProps(column.id)) };
  const label = flows ? { className: 'table-head-label bare' } : clips;
  const text = column.head ?? <HeadText title={column.title} />;
  const onKeyDown = (event: KeyboardEvent) => {
    const way = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (!event.altKey || way === 0) return;
    event.preventDefault();
    onResize(column.id, width + way * STEP);
  };
  return (
    <th
      scope="col"
      title={meaningOf(column.title)}
      aria-sort={column.sortable && onSort ? direction : undefined}
      data-align={isNumeric(column) ? 'end' : undefined}
      data-kind={column.kind}
      data-tree={column.tree}
      data-pinned={left !== null || undefined}
      data-grows={grows || undefined}
      {...(!flows && {
        className: 'table-head-cell flex middle rigid small muted holds text-start',
        style: { width, left: left ?? undefined, marginInlineStart: gap },
        'aria-colindex': at + 1,
      })}
      onDragOver={(event) => {
        if (movable && event.dataTransfer.types.includes(DRAGGED)) event.preventDefault();
      }}
      onDrop={(event) => {
        const id = event.dataTransfer.getData(DRAGGED);
        if (id !== '' && id !== column.id) onMove?.(id, column.id);
      }}
    >
      {box}
      {column.sortable && onSort ? (
        <button
          type="button"
          {...label}
          onClick={(event: MouseEvent) => onSort(nextSort(sort, column, event.shiftKey))}
          onKeyDown={onKeyDown}
        >
          {key && <Icon of={key.descending ? ArrowDown : ArrowUp} />}
          {text}
        </button>
      ) : (
        <span {...label}>
          {column.swatch && <span className="run-swatch" style={{ background: column.swatch }} />}
          {text}
        </span>
      )}
      {!flows && (
        <span
          className="table-resizer"
          aria-hidden="true"
          onPointerDown={(event) => dragWidth(event, width, (next) => onResize(column.id, next))}
          onDoubleClick={(event) => onResize(column.id, fittingWidth(event.currentTarget))}
        />
      )}
    </th>
  );
}

/** Where there is no room for a head in one line, its brackets go below. */
function HeadText({ title }: { title: string }) {
  return title.split(/(?= \()/).map((part) => (
    <Fragment key={part}>
      {part.startsWith(' ') && ' '}
      <span className="nowrap">{part.trimStart()}</span>
    </Fragment>
  ));
}

function dragWidth(
  { currentTarget, pointerId, clientX }: PointerEvent,
  width: number,
  resize: (to: number) => void,
) {
  const line = currentTarget as HTMLElement;
  line.setPointerCapture(pointerId);
  line.onpointermove = (event) => resize(width + event.clientX - clientX);
  line.onpointerup = () => {
    line.onpointermove = null;
  };
}

/** As wide as the widest text in sight; null, for the column's own width, where none is. */
function fittingWidth(line: Element): number | null {
  const head = line.closest('th');
  const at = head ? [...(head.parentElement?.children ?? [])].indexOf(head) : -1;
  const cells = line.closest('.table')?.querySelectorAll(`.table-row > .table-cell:nth-child(${at + 1})`);
  const range = document.createRange();
  const widths = [...(cells ?? [])].map((cell) => {
    range.selectNodeContents(cell);
    return range.getBoundingClientRect().width + cell.clientWidth - contentWidth(cell);
  });
  return widths.length === 0 ? null : Math.max(...widths) + 1;
}

function contentWidth(cell: Element): number {
  const { paddingLeft, paddingRight } = getComputedStyle(cell);
  return cell.clientWidth - Number.parseFloat(paddingLeft) - Number.parseFloat(paddingRight);
}

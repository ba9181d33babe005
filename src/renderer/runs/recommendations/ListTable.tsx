import type { ReactNode } from 'react';
import { type Column, column } from '../../components/columns.ts';
import { Table } from '../../components/Table.tsx';
import { ItemName, nameOf } from './ItemName.tsx';
import { isOnlyHere, type ListCell, type ListRow, listRows } from './lists.ts';
import type { ShownList } from './shown-runs.ts';

interface ListTableProps {
  lists: readonly ShownList[];
  title: string;
  /** What the lists are made from. */
  detail: string;
  /** Dense id of the item that the lists should find. */
  heldOut: number | null;
  /** Controls beside the title. */
  children: ReactNode;
}

/** The lists beside each other, one row a rank; what only one of them has is marked. */
export function ListTable({ lists, title, detail, heldOut, children }: ListTableProps) {
  const rows = listRows(lists.map(({ answer }) => answer));
  const columns: Column<ListRow>[] = [
    column('rank', 'Rank', 'number', ({ rank }) => rank),
    ...lists.map(({ run }, at): Column<ListRow> => {
      const text = ({ cells }: ListRow) => (cells[at] ? nameOf(cells[at].item) : '');
      return column(run.id, lists.length > 1 ? run.name : 'Item', 'text', text, {
        render: ({ cells }) =>
          cells[at] && (
            <Offer cell={cells[at]} heldOut={heldOut} colour={lists.length > 1 ? run.colour : null} />
          ),
        background: ({ cells }) => (cells[at]?.item.item === heldOut ? 'var(--selected)' : undefined),
      });
    }),
    ...(lists.length === 1 && rows.some(({ cells: [cell] }) => cell?.item.score != null)
      ? [column<ListRow>('score', 'Score', 'metric', ({ cells: [cell] }) => cell?.item.score)]
      : []),
  ];
  return (
    <section className="stack">
      <Table
        title={title}
        detail={detail}
        controls={children}
        label="Recommendations"
        columns={columns}
        rows={rows}
      />
      {lists.length > 1 && <p className="field-help">{sharedText(rows, lists)}</p>}
    </section>
  );
}

interface OfferProps {
  cell: ListCell;
  heldOut: number | null;
  /** Of the run; null where no other list stands beside it. */
  colour: string | null;
}

function Offer({ cell, heldOut, colour }: OfferProps) {
  const { item, elsewhere } = cell;
  const only = isOnlyHere(cell);
  const places = elsewhere.filter((place) => place !== null).map((place) => `also ${place}`);
  return (
    <span className="row holds">
      {colour !== null && (
        <span className="offer-tile rigid" data-only={only} style={{ color: colour }} aria-hidden="true" />
      )}
      {only && <span className="visually-hidden">only here:</span>}
      <ItemName item={item} marks={item.item === heldOut ? ['held out'] : []} />
      {places.length > 0 && <span className="rigid small muted">{places.join(', ')}</span>}
    </span>
  );
}

/** "A filled tile marks …: SASRec 12 of 20, …" */
function sharedText(rows: readonly ListRow[], lists: readonly ShownList[]): string {
  const counts = lists.map(({ run }, at) => {
    const cells = rows.flatMap(({ cells: row }) => row[at] ?? []);
    return `${run.name} ${cells.filter(isOnlyHere).length} of ${cells.length}`;
  });
  return `Filled tiles mark what no other list has: ${counts.join(', ')}. “Also” gives the rank in another list.`;
}

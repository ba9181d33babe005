import type { Recommendation } from '../../../core/api/recommend.ts';
import { type Column, column } from '../../components/columns.ts';
import { Table } from '../../components/Table.tsx';
import { utcText } from '../../format/format.ts';
import { ItemName, nameOf } from './ItemName.tsx';

type Past = Recommendation['history'][number] & { place: number };

/** What the user had, the newest first, with the held-out items where they stand. */
export function HistoryTable({ answer: { history, interactions } }: { answer: Recommendation }) {
  const rows = history
    .map((item, at) => ({ ...item, place: interactions - history.length + at + 1 }))
    .reverse();
  const columns: Column<Past>[] = [
    column('place', 'No.', 'count', ({ place }) => place),
    column<Past>('item', 'Item', 'text', nameOf, {
      render: (item) => <ItemName item={item} marks={item.heldOut ? ['held out'] : []} />,
    }),
    column<Past>('time', 'Time', 'time', ({ time }) => (time === null ? null : 1000 * time), {
      text: ({ time }) => utcText(time === null ? null : 1000 * time),
      render: ({ time }) => {
        const text = utcText(time === null ? null : 1000 * time);
        return <span title={`${text} UTC`}>{text.slice(0, 10)}</span>;
      },
    }),
  ];
  const shown = history.length < interactions ? ` (the newest ${history.length})` : '';
  return (
    <section className="stack">
      <Table
        title={`History, newest first${shown}`}
        label="History"
        columns={columns}
        rows={rows}
        rowKey={({ place }) => String(place)}
      />
    </section>
  );
}

import { type Column, numeric } from './columns.ts';

/** A number with its interval below it, which leaves room for many columns; as text they stand in one line. */
export function intervalColumn<Row>(
  id: string,
  title: string,
  cell: (row: Row) => [value: string, interval: string],
): Column<Row> {
  return numeric(id, title, (row) => cell(row).join(''), {
    render: (row) => {
      const [value, interval] = cell(row);
      return (
        <>
          {value}
          {interval !== '' && <span className="cell-detail">{interval}</span>}
        </>
      );
    },
  });
}

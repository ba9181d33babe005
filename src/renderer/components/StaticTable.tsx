import { Fragment } from 'react';
import type { Column } from './columns.ts';

export interface StaticTableProps<Row> {
  /** Accessible name for screen readers. */
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey(row: Row): string;
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

/** A short table in the flow of a page. The first column names its row; `DataTable` is for long ones. */
export function StaticTable<Row>({ label, columns, rows, rowKey }: StaticTableProps<Row>) {
  const [names, ...values] = columns;
  const align = (column: Column<Row>) => (column.numeric ? 'end' : undefined);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <div className="static-table-box" tabIndex={0}>
      <table className="static-table" aria-label={label}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.id} scope="col" data-align={align(column)}>
                <HeadText title={column.title} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)}>
              <th scope="row" data-align={align(names)}>
                {names.render?.(row, false) ?? names.text(row)}
              </th>
              {values.map((column) => (
                <td
                  key={column.id}
                  data-align={align(column)}
                  style={{ background: column.background?.(row) }}
                >
                  {column.render?.(row, false) ?? column.text(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

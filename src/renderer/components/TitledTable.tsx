import type { ReactNode } from 'react';
import { CopyMenu } from './CopyMenu.tsx';
import { StaticTable, type StaticTableProps } from './StaticTable.tsx';

export interface TitledTableProps<Row> extends Omit<StaticTableProps<Row>, 'label'> {
  title: string;
  /** Of the table. Default: its title. */
  label?: string;
  /** Rank of the title among the page's headings. Default: h2. */
  heading?: 'h2' | 'h3';
  /** In place of a table without rows. */
  empty?: ReactNode;
}

/** A short table under its title, with the button that copies it. */
export function TitledTable<Row>(props: TitledTableProps<Row>) {
  const { title, label = title, heading: Heading = 'h2', empty, ...table } = props;
  return (
    <>
      <div className="chart-head">
        <Heading>{title}</Heading>
        <CopyMenu what={label} columns={table.columns} rows={() => table.rows} />
      </div>
      {empty && table.rows.length === 0 ? empty : <StaticTable label={label} {...table} />}
    </>
  );
}

import type { ClickColumn, ClickStatistics } from '../../../core/api/datasets.ts';
import { CopyMenu } from '../../components/CopyMenu.tsx';
import type { Column } from '../../components/data-table-types.ts';
import { StaticTable } from '../../components/StaticTable.tsx';
import { grouped } from '../../format/format.ts';

const number = (value: number | undefined) =>
  value === undefined ? '' : String(Number(value.toPrecision(4)));

const COLUMNS: readonly Column<ClickColumn>[] = [
  { id: 'name', title: 'Column', text: ({ name }) => name },
  { id: 'role', title: 'Meaning', text: ({ role }) => role },
  { id: 'missing', title: 'Missing', numeric: true, text: ({ missing }) => grouped(missing) },
  {
    ...{ id: 'distinct', title: 'Values', numeric: true },
    text: ({ distinct }) => (distinct === undefined ? '' : grouped(distinct)),
  },
  { id: 'min', title: 'Min', numeric: true, text: ({ min }) => number(min) },
  { id: 'mean', title: 'Mean', numeric: true, text: ({ mean }) => number(mean) },
  { id: 'max', title: 'Max', numeric: true, text: ({ max }) => number(max) },
];

/** What is in the columns of a click log. */
export function ClickColumns({ clicks: { columns } }: { clicks: ClickStatistics }) {
  return (
    <section>
      <div className="section-head">
        <h2>Columns</h2>
        <CopyMenu label="Copy the columns" columns={COLUMNS} rows={() => [...columns]} />
      </div>
      <StaticTable label="Columns" columns={COLUMNS} rows={columns} rowKey={({ name }) => name} />
    </section>
  );
}

import type { ClickColumn, ClickStatistics } from '../../../core/api/datasets.ts';
import { type Column, column, numeric } from '../../components/columns.ts';
import { TitledTable } from '../../components/TitledTable.tsx';
import { grouped } from '../../format/format.ts';

const number = (value: number | undefined) =>
  value === undefined ? '' : String(Number(value.toPrecision(4)));

const COLUMNS: readonly Column<ClickColumn>[] = [
  column('name', 'Column', ({ name }) => name),
  column('role', 'Meaning', ({ role }) => role),
  numeric('missing', 'Missing', ({ missing }) => grouped(missing)),
  numeric('distinct', 'Values', ({ distinct }) => (distinct === undefined ? '' : grouped(distinct))),
  numeric('min', 'Min', ({ min }) => number(min)),
  numeric('mean', 'Mean', ({ mean }) => number(mean)),
  numeric('max', 'Max', ({ max }) => number(max)),
];

/** What is in the columns of a click log. */
export function ClickColumns({ clicks: { columns } }: { clicks: ClickStatistics }) {
  return (
    <section>
      <TitledTable
        title="Columns"
        copyLabel="Copy the columns"
        columns={COLUMNS}
        rows={columns}
        rowKey={({ name }) => name}
      />
    </section>
  );
}

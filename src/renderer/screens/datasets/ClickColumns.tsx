import type { ClickColumn, ClickStatistics } from '../../../core/api/datasets.ts';
import { type Column, column } from '../../components/columns.ts';
import { Table } from '../../components/Table.tsx';
import { withMinus } from '../../format/format.ts';
import { roleName } from './messages.ts';

const FOUR_DIGITS = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 4 });

const figure = (id: 'min' | 'mean' | 'max', title: string): Column<ClickColumn> =>
  column(id, title, 'metric', (row) => row[id], {
    text: ({ [id]: value }) => (value === undefined ? '–' : withMinus(FOUR_DIGITS.format(value))),
  });

const COLUMNS: readonly Column<ClickColumn>[] = [
  column('name', 'Column', 'text', ({ name }) => name),
  column('role', 'Meaning', 'text', ({ role }) => roleName(role)),
  column('missing', 'Missing', 'count', ({ missing }) => missing),
  column('distinct', 'Values', 'count', ({ distinct }) => distinct),
  ...[figure('min', 'Min'), figure('mean', 'Mean'), figure('max', 'Max')],
];

/** What is in the columns of a click log. */
export function ClickColumns({ clicks: { columns } }: { clicks: ClickStatistics }) {
  return (
    <section>
      <Table title="Columns" columns={COLUMNS} rows={columns} rowKey={({ name }) => name} />
    </section>
  );
}

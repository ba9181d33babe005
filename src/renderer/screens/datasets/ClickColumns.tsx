import type { ClickColumn, ClickStatistics } from '../../../core/api/datasets.ts';
import { type Column, column, numeric } from '../../components/columns.ts';
import { TitledTable } from '../../components/TitledTable.tsx';
import { grouped, withMinus } from '../../format/format.ts';
import { roleName } from './messages.ts';

const FOUR_DIGITS = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 4 });
const number = (value: number | undefined) =>
  value === undefined ? '–' : withMinus(FOUR_DIGITS.format(value));

const COLUMNS: readonly Column<ClickColumn>[] = [
  column('name', 'Column', ({ name }) => name),
  column('role', 'Meaning', ({ role }) => roleName(role)),
  numeric('missing', 'Missing', ({ missing }) => grouped(missing)),
  numeric('distinct', 'Values', ({ distinct }) => grouped(distinct)),
  numeric('min', 'Min', ({ min }) => number(min)),
  numeric('mean', 'Mean', ({ mean }) => number(mean)),
  numeric('max', 'Max', ({ max }) => number(max)),
];

/** What is in the columns of a click log. */
export function ClickColumns({ clicks: { columns } }: { clicks: ClickStatistics }) {
  return (
    <section>
      <TitledTable title="Columns" columns={COLUMNS} rows={columns} rowKey={({ name }) => name} />
    </section>
  );
}

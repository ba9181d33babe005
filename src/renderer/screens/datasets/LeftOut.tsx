import type { DatasetSummary } from '../../../core/api/datasets.ts';
import { type Column, column } from '../../components/columns.ts';
import { Table } from '../../components/Table.tsx';
import { fileText } from './messages.ts';
import { type LeftOutRow, leftOutRows } from './summary.ts';

const COLUMNS: readonly Column<LeftOutRow>[] = [
  column('what', 'Rows', 'text', ({ what }) => what),
  column('interactions', 'Interactions', 'count', ({ interactions }) => interactions),
  column('share', 'Share', 'percent', ({ share }) => share),
  column('users', 'Users', 'count', ({ users }) => users),
  column('items', 'Items', 'count', ({ items }) => items),
];

/** How many rows the import left out, step by step and why. */
export function LeftOut({ summary }: { summary: DatasetSummary }) {
  const { badRowExamples = [], badRows, filtered } = summary;
  return (
    <section>
      <Table title="Rows removed" columns={COLUMNS} rows={leftOutRows(summary)} rowKey={({ what }) => what} />
      {badRowExamples.length > 0 && (
        <details className="left-out-examples small muted">
          <summary>
            {badRows > badRowExamples.length
              ? `The first ${badRowExamples.length} unreadable rows`
              : 'The unreadable rows'}
          </summary>
          <ul>
            {badRowExamples.map((example) => (
              <li key={example}>{fileText(example)}</li>
            ))}
          </ul>
        </details>
      )}
      {!filtered && (
        <p className="field-help">
          This data set was imported by an earlier version, which did not count what its filters left out.
        </p>
      )}
    </section>
  );
}

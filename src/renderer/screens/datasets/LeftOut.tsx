import type { DatasetSummary } from '../../../core/api/datasets.ts';
import { type Column, column, numeric } from '../../components/columns.ts';
import { TitledTable } from '../../components/TitledTable.tsx';
import { grouped } from '../../format/format.ts';
import { fileText } from './messages.ts';
import { type LeftOutRow, leftOutRows } from './summary.ts';

const count = (value: number | null) => (value === null ? '' : grouped(value));

const COLUMNS: readonly Column<LeftOutRow>[] = [
  column('what', 'Rows', ({ what }) => what),
  numeric('interactions', 'Interactions', ({ interactions }) => count(interactions)),
  numeric('share', 'Share', ({ share }) => share),
  numeric('users', 'Users', ({ users }) => count(users)),
  numeric('items', 'Items', ({ items }) => count(items)),
];

/** How many rows the import left out, step by step and why. */
export function LeftOut({ summary }: { summary: DatasetSummary }) {
  const { badRowExamples = [], badRows, filtered } = summary;
  return (
    <section>
      <TitledTable
        title="What was left out"
        columns={COLUMNS}
        rows={leftOutRows(summary)}
        rowKey={({ what }) => what}
      />
      {badRowExamples.length > 0 && (
        <details className="left-out-examples">
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

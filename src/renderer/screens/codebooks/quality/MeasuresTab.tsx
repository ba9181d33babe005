import type { IdMeasure } from '../../../../core/api/codebooks.ts';
import { CopyMenu } from '../../../components/CopyMenu.tsx';
import { type Column, column } from '../../../components/columns.ts';
import { EmptyState } from '../../../components/EmptyState.tsx';
import { Table } from '../../../components/Table.tsx';
import { useWorkbench } from '../workbench.ts';
import { measureGroups } from './measures.ts';

const COLUMNS: Column<IdMeasure>[] = [
  column('label', 'Measure', 'text', ({ label }) => label),
  column(
    'value',
    'Value',
    'metric',
    ({ value }) => value,
    ({ decimals }) => decimals,
  ),
];

/** The run's own measures of its Semantic IDs, as they stand in comparisons and reports. */
export function MeasuresTab() {
  const { facts } = useWorkbench();
  const groups = measureGroups(facts.measures);
  if (groups.length === 0) {
    return (
      <EmptyState
        title="No measures"
        text="The run has not ended with measures of its IDs. How its codes are used stands in the other views."
      />
    );
  }
  return (
    <div className="codebook-flow">
      <div className="chart-head">
        <h2>ID quality</h2>
        <CopyMenu what="measures" columns={COLUMNS} rows={() => facts.measures} />
      </div>
      <div className="codebook-measures">
        {groups.map(({ title, measures }) => (
          <div key={title}>
            <h3>{title}</h3>
            <Table label={title} columns={COLUMNS} rows={measures} rowKey={({ name }) => name} />
          </div>
        ))}
      </div>
    </div>
  );
}

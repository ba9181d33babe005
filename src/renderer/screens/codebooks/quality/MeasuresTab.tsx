import { type Column, column } from '../../../components/columns.ts';
import { EmptyState } from '../../../components/Screen.tsx';
import { Table } from '../../../components/Table.tsx';
import { useWorkbench } from '../workbench.ts';
import { type MeasureRow, measureTable, valueText } from './measures.ts';

/** Of the whole, and of vectors before any code is taken from them. */
const TITLES: Record<string, string> = { '': 'Whole ID', 0: 'Input' };

/** The run's own measures of its Semantic IDs, as they stand in comparisons and reports. */
export function MeasuresTab() {
  const { facts } = useWorkbench();
  if (facts.measures.length === 0) {
    return (
      <EmptyState
        title="No measures"
        text="This run has no measures of its IDs yet. The other views show how its codes are used."
      />
    );
  }
  const { levels, rows } = measureTable(facts.measures);
  const columns: Column<MeasureRow>[] = [
    column('measure', 'Measure', 'text', ({ title }) => title),
    ...levels.map((level) =>
      column<MeasureRow>(level, TITLES[level] ?? `Level ${level}`, 'metric', ({ values }) => values[level], {
        text: ({ values, decimals }) => valueText(values[level], decimals),
      }),
    ),
  ];
  return (
    <div className="codebook-flow flow">
      <Table title="ID quality" columns={columns} rows={rows} rowKey={({ title }) => title} />
    </div>
  );
}

import { type ComparisonView, type DifferenceLine, differenceOf } from '../../../core/api/compare.ts';
import { signOf } from '../../../core/api/metrics.ts';
import { Figure } from '../../charts/Figure.tsx';
import { CopyMenu } from '../../components/CopyMenu.tsx';
import { type Column, column, numeric } from '../../components/columns.ts';
import { EmptyState } from '../../components/EmptyState.tsx';
import { StaticTable } from '../../components/StaticTable.tsx';
import { countText } from '../../format/format.ts';
import { differencesFigure } from './figures.ts';
import { useRowColours } from './rows.tsx';

const columns: Column<DifferenceLine>[] = [
  column('row', 'Run', (line) => line.row),
  column('metric', 'Metric', (line) => line.metric),
  numeric('delta', 'Difference', (line) => line.delta, {
    render: (line) => (line.significant ? <strong>{line.delta}</strong> : line.delta),
  }),
  numeric('percent', '%', (line) => line.percent),
  numeric('interval', '95 % interval', (line) => line.interval),
  numeric('wilcoxon', 'p, Wilcoxon', (line) => line.wilcoxon),
  numeric('t', 'p, t', (line) => line.t),
  numeric('wins', 'Wins / ties / losses', (line) => line.wins),
];

/** Every difference to the baseline with its tests, as reports print them, and each metric's intervals as a figure. */
export function DifferencesTab({ view }: { view: ComparisonView }) {
  const { differences, baseline, testNote } = view;
  if (baseline === null || differences.length === 0) {
    return (
      <EmptyState
        title="No differences to show"
        text={
          baseline === null
            ? 'Choose a baseline in the metrics view: the other runs of its protocol are tested against it.'
            : `No other run has the protocol of ${view.rows[baseline].name}, or none has a metric in common with it.`
        }
      />
    );
  }
  return (
    <div className="compare-flow">
      <div className="chart-head">
        <h2>Differences to {view.rows[baseline].name}</h2>
        <CopyMenu framed what="table" columns={columns} rows={() => differences} />
      </div>
      <StaticTable
        label="Differences"
        columns={columns}
        rows={differences}
        rowKey={({ row, metric }) => `${row} ${metric}`}
      />
      {testNote && <p className="muted compare-prose">{testNote} Bold: significant.</p>}
      <div className="compare-charts">
        {view.columns.map((column, at) => (
          <Intervals key={column.name} view={view} at={at} />
        ))}
      </div>
    </div>
  );
}

/** The differences of one metric with their intervals; nothing where no row was tested. */
function Intervals({ view, at }: { view: ComparisonView; at: number }) {
  const colours = useRowColours(view);
  const { label, direction } = view.columns[at];
  const points = view.rows.flatMap(({ id, name, cells }) =>
    differenceOf(id, cells[at].significance).map((difference) => ({ ...difference, name })),
  );
  if (points.length === 0 || view.baseline === null) return null;
  const title = `${label}: difference to ${view.rows[view.baseline].name}, 95 % interval`;
  const description = `${title}, ${countText(points.length, 'run')}`;
  const words = { title, description, fileName: `difference-${label}` };
  return <Figure spec={differencesFigure({ ...words, points, colours, sign: signOf(direction) })} />;
}

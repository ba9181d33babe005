import { type ComparisonView, type DifferenceLine, testedFigures } from '../../../core/api/compare.ts';
import { Figure } from '../../charts/Figure.tsx';
import { type Column, column } from '../../components/columns.ts';
import { EmptyState } from '../../components/Screen.tsx';
import { Table } from '../../components/Table.tsx';
import { signed } from '../../format/format.ts';
import { useFigureColours } from '../../runs/comparison/colours.ts';
import { Practical } from './Practical.tsx';

const columns: Column<DifferenceLine>[] = [
  column('row', 'Run', 'text', (line) => line.row),
  column('metric', 'Metric', 'text', (line) => line.metric),
  column('delta', 'Difference', 'signed', (line) => line.delta, {
    decimals: ({ decimals }) => decimals,
    render: ({ delta, decimals, significant }) => {
      const text = signed(delta, decimals);
      return significant ? <strong>{text}</strong> : text;
    },
  }),
  column('percent', '%', 'signed', (line) => line.percent, 1),
  column('interval', '95 % interval', 'interval', (line) => line.interval, {
    decimals: ({ decimals }) => decimals,
  }),
  column('wilcoxon', 'p, Wilcoxon', 'number', (line) => line.wilcoxon),
  column('t', 'p, t', 'number', (line) => line.t),
  column('wins', 'Wins / ties / losses', 'number', (line) => line.wins),
];

/** Every difference to the baseline with its tests, as reports print them, and each metric's intervals as a figure. */
export function DifferencesTab({ view }: { view: ComparisonView }) {
  const { differences, baseline, testNote } = view;
  const colours = useFigureColours(view);
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
    <div className="flow wide-tables">
      {[...Map.groupBy(differences, (line) => line.baseline)].map(([name, rows]) => (
        <Table
          key={name}
          title={`Differences to ${name}`}
          label={`Differences to ${name}`}
          columns={columns}
          rows={rows}
        />
      ))}
      {testNote && (
        <p className="muted" style={{ maxWidth: '100ch' }}>
          {testNote} Bold: significant.
        </p>
      )}
      <Practical view={view} />
      <div className="panels">
        {view.columns.flatMap((_, at) =>
          testedFigures(view, at, colours).map((spec) => <Figure key={spec.title} spec={spec} />),
        )}
      </div>
    </div>
  );
}

import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { ComparisonView } from '../../../core/api/compare.ts';
import { type NamedReliability, ReliabilityChart } from '../../charts/ReliabilityChart.tsx';
import { RELIABILITY_COLUMNS } from '../../charts/reliability-columns.ts';
import { CopyMenu } from '../../components/CopyMenu.tsx';
import { EmptyState } from '../../components/EmptyState.tsx';
import { Problem } from '../../components/Problem.tsx';
import { StaticTable } from '../../components/StaticTable.tsx';
import { api } from '../../state/api.ts';
import { useRowColours } from './rows.tsx';

/** Whether the probabilities of ranking runs are those of the clicks; of several seeds the first one's. */
export function CalibrationTab({ view }: { view: ComparisonView }) {
  const runs = useMemo(() => view.rows.map(({ id }) => id), [view]);
  const colours = useRowColours(view);
  const { data, error, refetch } = useQuery(api.compare.reliability.queryOptions({ input: { runs } }));
  const curves = useMemo(
    () =>
      (data ?? []).map((curve): NamedReliability => {
        const name = view.rows.find(({ id }) => id === curve.id)?.name ?? curve.id;
        return { ...curve, name, colour: colours.get(curve.id) ?? 'currentColor' };
      }),
    [data, view, colours],
  );
  if (error) return <Problem error={error} onRetry={() => void refetch()} />;
  if (!data) return <p className="muted compare-wait">Reading the predictions</p>;
  if (curves.length === 0) {
    return (
      <EmptyState title="No predictions">
        <p>Ranking runs keep what they predicted of the test rows; none of these has it.</p>
      </EmptyState>
    );
  }
  const rows = curves.flatMap(({ bins, name }) => bins.map((bin) => ({ ...bin, name })));
  return (
    <div className="compare-flow">
      <section className="compare-section">
        <ReliabilityChart curves={curves} fileName="reliability" />
        <ul className="compare-legend" aria-label="Runs">
          {curves.map(({ id, name, colour }) => (
            <li key={id}>
              <span className="run-swatch" style={{ background: colour }} aria-hidden="true" />
              {name}
            </li>
          ))}
        </ul>
        <div className="chart-head">
          <h2>Bins</h2>
          <CopyMenu columns={RELIABILITY_COLUMNS} rows={() => rows} />
        </div>
        <StaticTable
          label="Bins"
          columns={RELIABILITY_COLUMNS}
          rows={rows}
          rowKey={({ name, index }) => `${name} ${index}`}
        />
      </section>
    </div>
  );
}

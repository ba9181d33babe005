import { useMemo, useState } from 'react';
import type { ComparisonView } from '../../../core/api/compare.ts';
import { Figure } from '../../charts/Figure.tsx';
import { CheckField, Select } from '../../components/controls.tsx';
import { EmptyState } from '../../components/Screen.tsx';
import { scatterFigure } from './figures.ts';
import { isNumeric, rowFields, useFigureColours } from './rows.tsx';

/** One setting or metric against another, a point a row. */
export function ScatterTab({ view }: { view: ComparisonView }) {
  const colours = useFigureColours(view);
  const fields = useMemo(() => {
    const { settings, metrics } = rowFields(view);
    return [...settings, ...metrics].filter(isNumeric);
  }, [view]);
  const [across, setAcross] = useState('seconds');
  const [up, setUp] = useState<string>(view.columns[0]?.name ?? '');
  const [logarithmic, setLogarithmic] = useState(false);
  const x = fields.find(({ id }) => id === across) ?? fields[0];
  const y = fields.find(({ id }) => id === up) ?? fields[fields.length - 1];
  if (!x || !y) {
    return <EmptyState title="Nothing to draw" text="The runs have no number in common." />;
  }
  const isPlaced = (value: unknown, above: number) => typeof value === 'number' && value > above;
  const lowest = logarithmic ? 0 : -Infinity;
  const lacking = view.rows.filter(
    (_, at) => !isPlaced(x.values[at], lowest) || !isPlaced(y.values[at], -Infinity),
  ).length;
  const choices = fields.map(({ id, label }) => ({ value: id, label }));
  return (
    <div className="compare-flow">
      <Figure
        spec={scatterFigure(view, [x, y], logarithmic, colours)}
        controls={
          <>
            <Select aria-label="Vertical axis" value={y.id} choices={choices} onValue={setUp} />
            <Select aria-label="Horizontal axis" value={x.id} choices={choices} onValue={setAcross} />
            <CheckField label="Log scale" value={logarithmic} onValue={setLogarithmic} />
          </>
        }
      />
      {lacking > 0 && (
        <p className="muted">
          {lacking} of {view.rows.length} rows lack one of the two numbers.
        </p>
      )}
    </div>
  );
}

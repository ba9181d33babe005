import { useMemo } from 'react';
import type { ComparisonView } from '../../../core/api/compare.ts';
import { Figure } from '../../charts/Figure.tsx';
import { CheckField } from '../../components/controls.tsx';
import { EmptyState } from '../../components/Screen.tsx';
import { Select } from '../../components/Select.tsx';
import { useFigureColours } from '../../runs/comparison/colours.ts';
import { useChoice } from '../../state/navigation.ts';
import { scatterFigure } from './figures.ts';
import { isNumeric, rowFields } from './rows.ts';

/** One setting or metric against another, a point a row. */
export function ScatterTab({ view }: { view: ComparisonView }) {
  const colours = useFigureColours(view);
  const fields = useMemo(() => {
    const { settings, metrics } = rowFields(view);
    return [...settings, ...metrics].filter(isNumeric);
  }, [view]);
  const ids = fields.map(({ id }) => id);
  const [across, setAcross] = useChoice('across', ids, ids.includes('seconds') ? 'seconds' : ids[0]);
  const [up, setUp] = useChoice(
    'up',
    ids,
    ids.includes(view.columns[0]?.name) ? view.columns[0].name : ids.at(-1),
  );
  const [scale, setScale] = useChoice('scale', ['linear', 'log']);
  const logarithmic = scale === 'log';
  const x = fields.find(({ id }) => id === across);
  const y = fields.find(({ id }) => id === up);
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
    <div className="flow">
      <Figure
        spec={scatterFigure(view, [x, y], logarithmic, colours)}
        controls={
          <>
            <Select aria-label="Vertical axis" value={y.id} choices={choices} onValue={setUp} />
            <Select aria-label="Horizontal axis" value={x.id} choices={choices} onValue={setAcross} />
            <CheckField
              label="Log scale"
              value={logarithmic}
              onValue={(log) => setScale(log ? 'log' : 'linear')}
            />
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

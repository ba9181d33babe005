import { useMemo } from 'react';
import { type ComparisonView, trainingFigure } from '../../../core/api/compare.ts';
import { Figure } from '../../charts/Figure.tsx';
import { useFigureColours } from '../../runs/comparison/colours.ts';
import { api, useKeptQuery } from '../../state/api.ts';

const PIXELS = 600;

/** What training looked like, as a report draws it. */
export function TrainingFigure({ view }: { view: ComparisonView }) {
  const colours = useFigureColours(view);
  const runs = view.rows.flatMap((row) => row.runs.map(({ id }) => id));
  const { data } = useKeptQuery(api.compare.curves.queryOptions({ input: { runs, pixels: PIXELS } }));
  const spec = useMemo(
    () =>
      data && data.curves.length > 0
        ? trainingFigure(view, data.metrics[0], data.curves, colours, { height: 220 })
        : null,
    [data, view, colours],
  );
  return spec && <Figure spec={spec} />;
}

import * as Plot from '@observablehq/plot';
import { useMemo } from 'react';
import { PlotFigure } from '../../charts/PlotFigure.tsx';
import { tiles } from '../../charts/tiles.ts';
import { useChartColours } from '../../charts/use-chart-colours.ts';
import { fixed, signed } from '../../format/format.ts';

export interface DrawnStep {
  /** Title of the model. */
  model: string;
  base: number | null;
  large: number | null;
  percent: number | null;
}

const SIDES = ['base', 'Large'];

/** One line a model from its base to its Large. The scale is this figure's own. */
export function StepChart({
  title,
  metric,
  steps,
}: {
  title: string;
  metric: string;
  steps: readonly DrawnStep[];
}) {
  const { palette } = useChartColours();
  const options = useMemo((): Plot.PlotOptions => {
    const complete = steps.filter(({ base, large }) => base !== null && large !== null);
    const ends = complete.flatMap(({ model, base, large, percent }) =>
      [base, large].map((value, at) => ({ model, side: SIDES[at], value: value ?? 0, percent })),
    );
    return {
      height: 240,
      marginLeft: 52,
      marginBottom: 28,
      marginTop: 20,
      inset: 8,
      x: { type: 'point', domain: SIDES, label: null, padding: 0.3 },
      y: { label: metric, labelArrow: 'none', grid: true, ticks: 5, nice: true },
      color: { domain: steps.map(({ model }) => model), range: palette },
      marks: [
        Plot.line(ends, { x: 'side', y: 'value', z: 'model', stroke: 'model', strokeWidth: 1.5 }),
        tiles(ends, {
          x: 'side',
          y: 'value',
          fill: 'model',
          title: ({ model, side, value, percent }: (typeof ends)[number]) =>
            `${model}, ${side}: ${fixed(value, 4)}\nLarge against base ${signed(percent, 1)} %`,
        }),
      ],
    };
  }, [steps, metric, palette]);
  const words = steps.map(
    ({ model, percent }) => `${model} ${percent === null ? 'not known' : `${signed(percent, 1)} %`}`,
  );
  return (
    <PlotFigure
      title={title}
      description={`${metric} from base to Large, ${title}: ${words.join(', ')}`}
      fileName={`base-large-${title.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, '-')}`}
      options={options}
    />
  );
}

import * as Plot from '@observablehq/plot';
import { useMemo } from 'react';
import { amount, type StudyLaw } from '../../../core/api/studies.ts';
import { PlotFigure } from '../../charts/PlotFigure.tsx';
import { tiles } from '../../charts/tiles.ts';
import { useChartColours } from '../../charts/use-chart-colours.ts';
import { countText, fixed } from '../../format/format.ts';
import { axisTitle, metricTitles } from './messages.ts';

/** Points with their laws and 95 % bands on logarithmic axes; the predicted size with its interval. */
export function LawChart({ laws }: { laws: readonly StudyLaw[] }) {
  const [{ axis, metric }] = laws;
  const { palette } = useChartColours();
  const options = useMemo((): Plot.PlotOptions => {
    const tagged = <T extends object>(pick: (law: StudyLaw) => readonly T[]) =>
      laws.flatMap((law) => pick(law).map((one) => ({ ...one, along: law.fixed })));
    const points = tagged(({ points: measured }) => measured);
    const curves = tagged(({ curve }) => curve);
    const predicted = tagged(({ heldOut }) => (heldOut ? [heldOut] : []));
    const ys = points.map(({ y }) => y);
    const room = (Math.max(...ys) - Math.min(...ys) || 0.1) * 0.6;
    const within = (y: number) => Math.min(Math.max(y, Math.min(...ys) - room), Math.max(...ys) + room);
    const bands = curves.map(({ low, high, ...rest }) => ({ ...rest, low: within(low), high: within(high) }));
    return {
      height: 420,
      marginLeft: 64,
      marginBottom: 44,
      marginTop: 24,
      inset: 8,
      x: {
        type: 'log',
        label: axisTitle(axis),
        grid: true,
        labelAnchor: 'center',
        labelArrow: 'none',
        tickFormat: amount,
      },
      y: {
        type: 'log',
        label: metricTitles[metric],
        labelArrow: 'none',
        grid: true,
        ticks: 6,
        tickFormat: (y: number) => fixed(y, 2),
      },
      color: { legend: true, domain: laws.map(({ fixed: along }) => along), range: palette },
      marks: [
        Plot.areaY(bands, { x: 'x', y1: 'low', y2: 'high', fill: 'along', fillOpacity: 0.12 }),
        Plot.line(
          curves.filter(({ y }) => within(y) === y),
          { x: 'x', y: 'y', stroke: 'along', strokeWidth: 1.5 },
        ),
        Plot.ruleX(predicted, {
          x: 'x',
          stroke: 'along',
          strokeDasharray: '3 3',
          y1: ({ interval }) => within(interval[0]),
          y2: ({ interval }) => within(interval[1]),
        }),
        Plot.dot(predicted, {
          x: 'x',
          y: 'predicted',
          stroke: 'along',
          symbol: 'times',
          r: 5,
          title: ({ x, predicted: y, along }: (typeof predicted)[number]) =>
            `Predicted at the largest size, ${along}\n${amount(x)}, ${fixed(y, 4)}`,
        }),
        tiles(points, {
          x: 'x',
          y: 'y',
          fill: 'along',
          title: ({ label, along, x, y }: (typeof points)[number]) =>
            `${label}, ${along}\n${amount(x)}, ${fixed(y, 4)}`,
        }),
      ],
    };
  }, [laws, axis, metric, palette]);
  const title = `${metricTitles[metric]} against ${axisTitle(axis).toLowerCase()}`;
  return (
    <PlotFigure
      title={title}
      description={`${title}: ${countText(laws.length, 'curve')} with laws; a cross is what the law predicts for the largest size`}
      fileName={`scaling-${axis}-${metric}`}
      options={options}
    />
  );
}

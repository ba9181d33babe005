import * as Plot from '@observablehq/plot';
import { useMemo } from 'react';
import type { ReliabilityCurve } from '../../core/api/compare.ts';
import { fixed, grouped } from '../format/format.ts';
import { PlotFigure } from './PlotFigure.tsx';

export interface NamedReliability extends ReliabilityCurve {
  name: string;
  colour: string;
}

/** Observed share of clicks against the predicted one, by bins of probability; on the diagonal a model is calibrated. */
export function ReliabilityChart({
  curves,
  fileName,
}: {
  curves: readonly NamedReliability[];
  fileName: string;
}) {
  const options = useMemo((): Plot.PlotOptions => {
    const points = curves.flatMap(({ bins, name, colour }) => bins.map((bin) => ({ ...bin, name, colour })));
    type Point = (typeof points)[number];
    return {
      height: 360,
      marginLeft: 56,
      marginBottom: 40,
      x: { label: 'Predicted probability', domain: [0, 1], grid: true },
      y: { label: 'Share of clicks', domain: [0, 1], grid: true },
      marks: [
        Plot.line(
          [
            [0, 0],
            [1, 1],
          ],
          { stroke: 'currentColor', strokeOpacity: 0.4, strokeDasharray: '4 4' },
        ),
        Plot.line(points, {
          x: 'meanProbability',
          y: 'meanLabel',
          z: 'name',
          stroke: (point: Point) => point.colour,
        }),
        Plot.dot(points, {
          x: 'meanProbability',
          y: 'meanLabel',
          fill: (point: Point) => point.colour,
          r: 4,
          title: (point: Point) =>
            `${point.name}: predicted ${fixed(point.meanProbability, 4)}, clicked ${fixed(point.meanLabel, 4)}, ${grouped(point.count)} rows`,
        }),
      ],
    };
  }, [curves]);
  return (
    <PlotFigure
      title="Reliability of the test rows"
      description={`Predicted against observed clicks of ${curves.map(({ name }) => name).join(', ')}, in ten bins of probability`}
      fileName={fileName}
      options={options}
    />
  );
}

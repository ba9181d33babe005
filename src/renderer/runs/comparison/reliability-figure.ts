import type { ReliabilityCurve } from '../../../core/api/compare.ts';
import type { FigureColour, FigureSpec } from '../../../core/api/figures.ts';
import { countText, fixed } from '../../format/format.ts';

export interface NamedReliability extends ReliabilityCurve {
  name: string;
  colour: FigureColour;
}

/**
 * Observed share of clicks against the predicted one, by bins of as many rows; on the diagonal a model is calibrated. Both
 * axes end where the curves do, for clicks may be rare.
 */
export function reliabilityFigure(curves: readonly NamedReliability[]): FigureSpec {
  const shares = curves.flatMap(({ bins }) => bins.flatMap((bin) => [bin.meanProbability, bin.meanLabel]));
  const most = Math.min(1, 1.05 * Math.max(0, ...shares)) || 1;
  const diagonal = [0, most].map((end) => ({ x: end, y: end }));
  return {
    title: 'Reliability of the test rows',
    description: `Predicted against observed clicks of ${curves.map(({ name }) => name).join(', ')}, in bins of as many rows each`,
    fileName: curves.length === 1 ? `${curves[0].name}-reliability` : 'reliability',
    height: 360,
    x: { label: 'Predicted probability', domain: [0, most] },
    y: { label: 'Share of clicks', domain: [0, most] },
    series: [
      { id: 'diagonal', colour: 'muted', line: 'straight', dashed: true, points: diagonal },
      ...curves.map(({ id, name, colour, bins }): FigureSpec['series'][number] => ({
        id,
        label: name,
        colour,
        line: 'straight',
        marks: 'tile',
        points: bins.map(({ meanProbability: x, meanLabel: y, count }) => ({
          x,
          y,
          tip: `${name}: predicted ${fixed(x, 4)}, clicked ${fixed(y, 4)}, ${countText(count, 'row')}`,
        })),
      })),
    ],
  };
}

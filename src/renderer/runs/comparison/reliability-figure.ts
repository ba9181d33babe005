import { FEWEST_IN_BIN, type ReliabilityCurve } from '../../../core/api/compare.ts';
import type { FigureSpec } from '../../../core/api/figures.ts';
import { countText, fixed } from '../../format/format.ts';

export interface NamedReliability extends ReliabilityCurve {
  name: string;
  colour: string;
}

/** Observed share of clicks against the predicted one, by bins of probability; on the diagonal a model is calibrated. */
export function reliabilityFigure(curves: readonly NamedReliability[]): FigureSpec {
  const diagonal = [0, 1].map((end) => ({ x: end, y: end }));
  return {
    title: 'Reliability of the test rows',
    description: `Predicted against observed clicks of ${curves.map(({ name }) => name).join(', ')}, in those of ten bins of probability that have ${FEWEST_IN_BIN} rows`,
    fileName: curves.length === 1 ? `${curves[0].name}-reliability` : 'reliability',
    height: 360,
    x: { label: 'Predicted probability', domain: [0, 1] },
    y: { label: 'Share of clicks', domain: [0, 1] },
    series: [
      { id: 'diagonal', colour: 'muted', line: 'straight', dashed: true, points: diagonal },
      ...curves.map(({ id, name, colour, bins }): FigureSpec['series'][number] => ({
        id,
        label: name,
        colour,
        line: 'straight',
        marks: 'tile',
        points: bins
          .filter(({ count }) => count >= FEWEST_IN_BIN)
          .map(({ meanProbability: x, meanLabel: y, count }) => ({
            x,
            y,
            tip: `${name}: predicted ${fixed(x, 4)}, clicked ${fixed(y, 4)}, ${countText(count, 'row')}`,
          })),
      })),
    ],
  };
}

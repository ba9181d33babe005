import { colourIndex } from '../../../core/api/colours.ts';
import { byValidation, type LeaderboardRow } from '../../../core/api/compare.ts';
import { type FigureSpec, isVariant } from '../../../core/api/figures.ts';
import { metricDecimals, metricLabel } from '../../../core/api/metrics.ts';
import { modelTitle } from '../../../core/api/models.ts';
import { meanText, timeText } from '../../format/format.ts';

type Row = Pick<LeaderboardRow, 'model' | 'name' | 'endedAt' | 'metrics' | 'seeds' | 'valid'>;

/** The tests of all configurations by when they ended; the line is the one that was best on validation items by then. */
export function bestSoFarFigure(
  dataset: string,
  metric: string,
  rows: readonly Row[],
  height = 220,
): FigureSpec {
  const label = metricLabel(metric);
  const points = rows
    .map(({ model, name, endedAt, metrics, seeds, valid }) => {
      const cell = metrics[metric];
      const tip = `${name}\n${modelTitle(model)} ${meanText(cell, metricDecimals(metric))}, ${timeText(endedAt)}`;
      return { x: endedAt ?? 0, y: cell.mean, model, seeds, valid, tip };
    })
    .sort((a, b) => a.x - b.x);
  // Of each model the one to be chosen by then: no other can be chosen later.
  let known: typeof points = [];
  const chosen = points.map((point) => {
    known = byValidation([...known, point], metric).best;
    return known[0];
  });
  const best = chosen.at(-1);
  const steps = points.flatMap(({ x }, at) =>
    chosen[at] && chosen[at] !== chosen[at - 1] ? [{ x, y: chosen[at].y }] : [],
  );
  const end = best ? [{ x: points[points.length - 1].x, y: best.y }] : [];
  return {
    title: 'Best so far',
    subtitle: `test ${label} on ${dataset}; the line is the best on validation items`,
    description: `Test ${label} of ${rows.length} configurations on ${dataset} by the time they ended`,
    fileName: `best-${dataset}`,
    height,
    x: { kind: 'local' },
    y: { zero: true },
    series: [
      { id: 'best', colour: 'muted', line: 'steps', marks: 'none', points: [...steps, ...end] },
      ...[...new Set(rows.map(({ model }) => model))].map((model): FigureSpec['series'][number] => ({
        id: model,
        label: modelTitle(model),
        colour: colourIndex(model),
        points: points
          .filter((point) => point.model === model)
          .map((point) => ({
            x: point.x,
            y: point.y,
            tip: point.tip,
            shape: point === best ? 'diamond' : 'tile',
            hollow: isVariant(colourIndex(model)),
          })),
      })),
    ],
  };
}

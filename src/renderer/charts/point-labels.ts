import * as Plot from '@observablehq/plot';
import { placeLabels } from './label-boxes.ts';
import { textWidth } from './painter.ts';

const SIZE = 11;

/** The names of points as a mark, beside the places of their `x` and `y`. */
export function pointLabels<Point extends Record<'x' | 'y', number>>(
  points: readonly Point[],
  text: (point: Point) => string,
): Plot.Markish {
  const widths = points.map((point) => textWidth(text(point), SIZE));
  const options: Plot.TextOptions = { x: 'x', y: 'y', text, fill: 'currentColor', textAnchor: 'start' };
  return Plot.text(
    [...points],
    Plot.initializer(options, (_data, _facets, _channels, { x, y }, { width, height }) => {
      const places = points.map((point) => ({ x: Number(x?.(point.x)), y: Number(y?.(point.y)) }));
      const boxes = placeLabels(places, widths, { left: 0, top: 0, right: width, bottom: height });
      return {
        channels: {
          x: { value: boxes.map(({ left }) => left) },
          y: { value: boxes.map(({ top, bottom }) => (top + bottom) / 2) },
        },
      };
    }),
  );
}

import * as Plot from '@observablehq/plot';

/** The points of a figure, as every chart marks them: a tile each. */
export function tiles<Point>(points: readonly Point[], options: Plot.DotOptions): Plot.Dot {
  return Plot.dot([...points], { symbol: 'square', r: 4, ...options });
}

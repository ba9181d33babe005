import * as Plot from '@observablehq/plot';
import { themeColour } from './colours.ts';
import { svgBlob } from './export.ts';
import type { Curve, Drawing } from './line-chart.ts';
import { wholeTicks } from './plot-marks.ts';

type Figure = Pick<Drawing, 'xLabel' | 'time' | 'whole' | 'logarithmic' | 'height'> & {
  curves: readonly Curve[];
};

/** Curves as vectors, for a file. */
export function curvesSvg(
  { curves, xLabel, time, whole, logarithmic, height }: Figure,
  width: number,
  background: string,
): Blob {
  const points = curves.flatMap(({ id, label, faint, x, y }) =>
    x.map((value, at) => ({
      id,
      curve: label,
      opacity: faint ? 0.33 : 1,
      x: time ? new Date(value) : value,
      y: Number.isFinite(y[at]) ? y[at] : null,
    })),
  );
  const figure = Plot.plot({
    width,
    height,
    style: { fontFamily: 'inherit', fontSize: '11px', color: themeColour('--text-muted') },
    x: { label: xLabel, type: time ? 'time' : 'linear', ...(whole ? wholeTicks([0]) : {}) },
    y: { label: null, type: logarithmic ? 'log' : 'linear', grid: true },
    color: { domain: curves.map(({ label }) => label), range: curves.map(({ colour }) => colour) },
    marks: [
      Plot.line(points, { x: 'x', y: 'y', z: 'id', stroke: 'curve', strokeOpacity: 'opacity' }),
      Plot.text(
        points.filter(({ opacity }) => opacity === 1),
        Plot.selectLast({
          x: 'x',
          y: 'y',
          z: 'curve',
          text: 'curve',
          fill: 'curve',
          textAnchor: 'end',
          dy: -6,
        }),
      ),
    ],
  });
  // An element that is nowhere has no size to read.
  const host = document.createElement('div');
  host.style.cssText = 'position: absolute; visibility: hidden;';
  host.append(figure);
  document.body.append(host);
  try {
    return svgBlob(figure as unknown as SVGSVGElement, background);
  } finally {
    host.remove();
  }
}

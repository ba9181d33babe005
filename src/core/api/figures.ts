/** Figures as plain data, which window and reports make alike. */

export {
  axisUnit,
  type CurvePanel,
  type CurvesLook,
  curveFigure,
} from '../figures/curve-figure.ts';
export {
  type Axis,
  type Curve,
  growing,
  interpolated,
  meanCurve,
  type NamedSeries,
  positions,
  type Series,
} from '../figures/curves.ts';
export {
  type ChartColours,
  colourOf,
  type FigureAxis,
  type FigureColour,
  type FigurePoint,
  type FigureSeries,
  type FigureSpec,
  fileLegendOf,
  isVariant,
  type LegendEntry,
  legendOf,
  NAME_LINE,
  type Range,
  type Shape,
} from '../figures/spec.ts';

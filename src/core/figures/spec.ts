/** What a figure of numbers says, as plain data: a screen or a report makes it, `draw.ts` draws it, a file holds the same. */
import { COLOURS } from '../documents/run-colours.ts';

/** What drawings are made in. */
export interface ChartColours {
  background: string;
  surface: string;
  line: string;
  lineStrong: string;
  text: string;
  muted: string;
  accent: string;
  bad: string;
  good: string;
  /** Told apart by people with any colour vision. */
  palette: readonly string[];
  /** Of trivial baselines, behind the others. */
  trivial: string;
}

/** Pixels that a line of names of upright rules takes above the drawing. */
export const NAME_LINE = 13;

export type Shape = 'tile' | 'half' | 'diamond' | 'triangle' | 'cross' | 'plus' | 'star';

/**
 * A colour as "#rrggbb", one of the theme by its name, or the index of a run's colour: those beyond the last one share the
 * colours of the others, and are drawn half-cut and dashed.
 */
export type FigureColour = string | number | Exclude<keyof ChartColours, 'palette'>;

export interface FigurePoint {
  x: number | string;
  /** What is not a number is a gap. */
  y: number | string;
  /** What of the values is likely here, along the axis of values; drawn as a band or as an interval. */
  low?: number;
  high?: number;
  /** Where a bar that is on a stretch of x ends. */
  to?: number;
  /** What the pointer is told. */
  tip?: string;
  /** Written beside the point. */
  label?: string;
  /** The group it is in, where the figure has groups. */
  group?: string;
  colour?: FigureColour;
  shape?: Shape;
  /** Drawn as its outline: it could as well be none. */
  hollow?: boolean;
  /** Of its colour, above 0 and up to 1. Default: 1. */
  strength?: number;
  /** Off the axis, to its lower or its upper end: an arrow with the label. */
  beyond?: -1 | 1;
}

export interface FigureSeries {
  /** Unique in the figure. */
  id: string;
  /** In the legend, or at the end of its line; a series without one is not named. */
  label?: string;
  colour: FigureColour;
  points: readonly FigurePoint[];
  line?: 'straight' | 'steps';
  /** Its tiles are, as of a model that shares its colour. */
  hollow?: boolean;
  dashed?: boolean;
  /** What a smoothed line is made of: drawn lightly. */
  faint?: boolean;
  bars?: boolean;
  /** Each point is drawn as this; default: none where there is a line or bars, else a tile. */
  marks?: Shape | 'none';
  /** How `low` and `high` are drawn. Default: as an interval of each point. */
  spread?: 'band' | 'interval';
}

export interface Range {
  from: number;
  to: number;
}

export interface FigureAxis {
  label?: string;
  /**
   * Default: numbers. `local` and `utc`: times in Unix milliseconds. A logarithmic axis leaves out what is not above 0; one of
   * counts (`symlog`) has a 0 and then equal ratios equally far apart.
   */
  kind?: 'numbers' | 'log' | 'symlog' | 'names' | 'local' | 'utc';
  /** In their order, with " " for a gap; default: as they come. */
  names?: readonly string[];
  /** The one of the names that the others are measured against: bold. */
  strong?: string;
  /** Counts something: no ticks in between. */
  whole?: boolean;
  /** Reaches to 0. */
  zero?: boolean;
  /** How far it reaches; default: to the points and a little further. */
  domain?: readonly [number, number];
  ticks?: readonly number[];
  /** With a sign, and 0 as "0". */
  signed?: boolean;
  /** How a value is written; one function for all drawings of the figure. */
  text?(value: number): string;
}

interface FigureRule {
  axis: 'x' | 'y';
  at: number;
  dashed?: boolean;
  colour?: FigureColour;
  /** Above an upright one, where the values lie along x; its place is then on the axis, whatever the points are. */
  label?: string;
}

/** A point of a line that is worth a diamond, such as the epoch that was chosen. */
export interface FigureMark {
  x: number;
  /** Of the line. */
  series: string;
  /** Empty for none. */
  label: string;
}

export interface FigureSpec {
  title: string;
  /** Behind the title. */
  subtitle?: string;
  /** What the figure shows, for screen readers. */
  description: string;
  /** Without ending; what a file system might refuse is replaced. */
  fileName: string;
  height: number;
  x: FigureAxis;
  y: FigureAxis;
  /** The axis that bars, bands and intervals lie along. Default: y. */
  along?: 'x' | 'y';
  /** Small figures of equal axes, side by side or, where values lie along x, below each other. */
  groups?: { label?: string; names: readonly string[] };
  series: readonly FigureSeries[];
  /** Where series are named. Default: in a legend, where there are several; `none`: there too, but in a saved file alone. */
  names?: 'legend' | 'ends' | 'none';
  rules?: readonly FigureRule[];
  marks?: readonly FigureMark[];
  /** Parts of x, named above them; a shaded one has a ground of its own. */
  stretches?: readonly { from: number; to: number; label?: string; shaded?: boolean }[];
  /** The part of x that is shown; null for all there is. */
  range?: Range | null;
  /** From here on nothing is measured yet: hatched. */
  future?: number | null;
  /** The pointer reads the lines at one x; figures of one name do so together. */
  crosshair?: string;
}

/** Draws a figure so many pixels wide, as SVG. */
export type DrawFigure = (spec: FigureSpec, width: number) => string;

export interface LegendEntry {
  id: string;
  label: string;
  colour: FigureColour;
  shape: Shape;
  dashed: boolean;
  hollow?: boolean;
}

/** More series than these are named at the ends of their lines. */
const MAX_KEYS = 4;

export const namesFor = (series: readonly FigureSeries[]): 'legend' | 'ends' =>
  series.filter(({ label, faint }) => label !== undefined && !faint).length > MAX_KEYS ? 'ends' : 'legend';

/** What colours and shapes stand for; a figure of one series says it in its title. */
export function legendOf({ series, names = 'legend', crosshair }: FigureSpec): LegendEntry[] {
  const named = series.filter(({ label, faint }) => label !== undefined && !faint);
  if (names !== 'legend' || (named.length < 2 && crosshair === undefined)) return [];
  return named.map(({ id, label = '', colour, marks, dashed = false, hollow }) => {
    const usual = isVariant(colour) ? 'half' : 'tile';
    return {
      id,
      label,
      colour,
      dashed,
      hollow,
      shape: marks === undefined || marks === 'none' ? usual : marks,
    };
  });
}

/** The same of a saved file, which has nothing beside it that names the series. */
export const fileLegendOf = (spec: FigureSpec): LegendEntry[] =>
  legendOf(spec.names === 'none' ? { ...spec, names: 'legend' } : spec);

/** Whether an index shares the colour of another one. */
export const isVariant = (colour: FigureColour) => typeof colour === 'number' && colour >= COLOURS;

export function colourOf(colour: FigureColour, colours: ChartColours): string {
  const { palette, trivial } = colours;
  if (typeof colour === 'number') return palette[colour % (palette.length + 1)] ?? trivial;
  return (colours as unknown as Record<string, string>)[colour] ?? colour;
}

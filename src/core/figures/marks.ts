/** What a figure shows, as marks of Observable Plot. */
import * as Plot from '@observablehq/plot';
import { TICK_SIZE } from './axis.ts';
import { placeLabels, spreadApart } from './labels.ts';
import { END_NAME, type Placed, type Plan, WIDEST } from './plan.ts';
import { colourOf, isVariant, NAME_LINE, type Shape } from './spec.ts';
import { textWidth, truncatedApart } from './text.ts';

/** From the plot to the tile of a name, and from one name to the next. */
const END_TILE = 12;
const END_LINE = 15;
const LINE_WIDTH = 2;
const TILE = 3.5;
/** Half the length of the stroke at an end of an interval. */
const CAP = 4;

/** What a symbol is drawn with. */
interface Pen {
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
  rect(x: number, y: number, width: number, height: number): void;
  closePath(): void;
}

/** A square of which the lower right half is left out, in the size that Plot gives symbols. */
const half: Plot.SymbolType = {
  draw(pen: Pen, size: number) {
    const side = Math.sqrt(size) / 2;
    pen.rect(-side, -side, 2 * side, 2 * side);
    pen.moveTo(side, -side);
    pen.lineTo(-side, side);
    pen.lineTo(side, side);
    pen.closePath();
  },
};
/** As wide as it is high. */
const diamond: Plot.SymbolType = {
  draw(pen: Pen, size: number) {
    const reach = Math.sqrt(size / 2);
    pen.moveTo(0, -reach);
    pen.lineTo(reach, 0);
    pen.lineTo(0, reach);
    pen.lineTo(-reach, 0);
    pen.closePath();
  },
};
const cap: Plot.SymbolType = {
  draw(pen: Pen) {
    pen.moveTo(0, -CAP);
    pen.lineTo(0, CAP);
  },
};

const SYMBOLS: Record<Shape, Plot.SymbolType> = {
  tile: 'square',
  half,
  diamond,
  triangle: 'triangle',
  cross: 'times',
  plus: 'plus',
  star: 'asterisk',
};

/** A channel that holds what it says, not a value of a scale. */
const literal = (value: (point: Placed) => unknown) => ({ value, scale: null });

export function valueMarks(plan: Plan): Plot.Markish[] {
  const { spec, points, colours, isFlat } = plan;
  const group = spec.groups ? (isFlat ? { fy: 'group' } : { fx: 'group' }) : {};
  const place = { x: 'x', y: 'y', ...group } as const;
  const ink = literal(({ ink: colour }) => colour);
  const clip = spec.range || spec.y.domain ? true : undefined;
  const intervals = points.filter(({ series, low }) => series.spread !== 'band' && low !== undefined);
  // A band has a gap where its line has one: points without a spread stay in it.
  const banded = new Set(
    spec.series.filter(({ spread, points: [first] }) => spread === 'band' && first?.low !== undefined),
  );
  const inBands = points.filter(({ series }) => banded.has(series));
  const bands = { z: 'id', fill: ink, fillOpacity: 0.16, clip } as const;
  // On a bar of its own colour an interval would not be seen.
  const rule = literal(({ ink: colour, series }) => (series.bars ? colours.text : colour));
  const rules = { ...group, stroke: rule, strokeWidth: LINE_WIDTH } as const;
  const ends = isFlat ? { y: 'y', x1: 'low', x2: 'high' } : { x: 'x', y1: 'low', y2: 'high' };
  const upright = (axis: 'x' | 'y') => (spec.rules ?? []).filter((rule) => rule.axis === axis);
  const stretches = spec.stretches ?? [];
  return [
    Plot.rect(
      stretches.filter(({ shaded }) => shaded),
      { x1: 'from', x2: 'to', fill: colours.line, fillOpacity: 0.4 },
    ),
    ...(spec.future == null || spec.future >= plan.domains.x[1]
      ? []
      : [
          Plot.rect([spec.future], {
            x1: (from: number) => from,
            x2: () => plan.domains.x[1],
            fill: 'url(#figure-hatch)',
          }),
        ]),
    isFlat ? null : Plot.areaY(inBands, { ...ends, ...bands }),
    ...barMarks(plan, group, ink),
    ...(['x', 'y'] as const).flatMap((axis) =>
      upright(axis).map(({ at, dashed, colour = 'muted' }) =>
        (axis === 'x' ? Plot.ruleX : Plot.ruleY)([at], {
          stroke: colourOf(colour, colours),
          strokeDasharray: dashed ? '3 3' : undefined,
        }),
      ),
    ),
    isFlat
      ? Plot.ruleY(intervals, { ...ends, ...rules })
      : Plot.ruleX(intervals, { ...ends, ...rules, clip }),
    ...(isFlat ? capMarks(intervals, { ...rules, y: 'y' }) : []),
    ...lineMarks(plan, place, clip),
    Plot.dot(
      points.filter(({ drawnAs }) => drawnAs !== null),
      {
        ...place,
        symbol: ({ drawnAs }: Placed) => SYMBOLS[drawnAs ?? 'tile'],
        r: literal(({ drawnAs }) => (drawnAs === 'diamond' ? TILE + 1.5 : TILE)),
        stroke: ink,
        strokeWidth: LINE_WIDTH - 0.5,
        fill: literal((point) => (point.hollow ? colours.background : point.ink)),
        ...(points.some(({ strength }) => strength !== undefined) && {
          strokeOpacity: literal(({ strength = 1 }) => strength),
          fillOpacity: literal(({ hollow, strength = 1 }) => (hollow ? 1 : strength)),
        }),
        title: 'tip',
        clip: spec.range ? true : undefined,
      },
    ),
    ...arrowMarks(plan, group, ink),
    ...labelMarks(plan, group),
    Plot.text(stretches, {
      // Points may lie at the foot.
      ...{ x: 'from', text: 'label', frameAnchor: 'top', textAnchor: 'start', dx: 2, dy: -8 },
      fill: colours.muted,
    }),
    ...plan.ruleNames.map(({ at, label, line, shift }) =>
      Plot.text([label], {
        ...{ x: () => at, frameAnchor: 'top', dx: shift, dy: -10 - NAME_LINE * line, fill: colours.muted },
      }),
    ),
  ];
}

/** A stroke across each end of intervals that lie. */
function capMarks(intervals: readonly Placed[], look: Plot.DotOptions): Plot.Markish[] {
  return (['low', 'high'] as const).map((x) => Plot.dot(intervals, { ...look, x, symbol: cap }));
}

function barMarks({ spec, points, isFlat }: Plan, group: object, ink: Plot.ChannelValueSpec): Plot.Markish[] {
  const bars = points.filter(({ series }) => series.bars);
  if (bars.length === 0) return [];
  const look = { ...group, fill: ink, title: 'tip' };
  if (isFlat) {
    const begin = ({ x, to }: Placed) => (to === undefined ? 0 : x);
    return [Plot.barX(bars, { ...look, y: 'y', x1: begin, x2: ({ x, to }: Placed) => to ?? x })];
  }
  const upright = { ...look, y1: () => 0, y2: 'y' };
  return spec.x.kind === 'names'
    ? [Plot.barY(bars, { ...upright, x: 'x' })]
    : [Plot.rectY(bars, { ...upright, x1: 'x', x2: 'to', inset: 0.5 })];
}

function lineMarks(
  { points }: Plan,
  place: { x: string; y: string },
  clip: true | undefined,
): Plot.Markish[] {
  const lines = points.filter(({ series }) => series.line !== undefined);
  const looks = Map.groupBy(lines, ({ series }) => series);
  const marks = Map.groupBy(
    looks,
    ([{ line, dashed, faint, colour }]) => `${line} ${dashed ?? isVariant(colour)} ${faint ?? false}`,
  );
  return [...marks.values()].map((members) => {
    const [[{ line, dashed, faint, colour }]] = members;
    return Plot.line(
      members.flatMap(([, own]) => own),
      {
        ...place,
        z: 'id',
        stroke: literal(({ ink }) => ink),
        strokeOpacity: faint ? 0.33 : 1,
        strokeWidth: faint ? 1 : LINE_WIDTH,
        strokeDasharray: (dashed ?? isVariant(colour)) ? '5 4' : undefined,
        curve: line === 'steps' ? 'step-after' : 'linear',
        clip,
      },
    );
  });
}

/** Share of the axis that an arrow takes, with its number before it. */
const ARROW = 0.06;

function arrowMarks(
  {
    points,
    domains: {
      x: [low, high],
    },
  }: Plan,
  group: object,
  ink: Plot.ChannelValueSpec,
): Plot.Markish[] {
  const beyond = points.filter((point) => point.beyond);
  const edge = ({ beyond: way }: Placed) => (way === 1 ? high : low);
  const begin = (point: Placed) => edge(point) - (point.beyond ?? 1) * ARROW * (high - low);
  const text = { ...group, x: begin, y: 'y', text: 'label', title: 'tip' };
  return [
    Plot.arrow(beyond, {
      ...group,
      y: 'y',
      x1: begin,
      x2: edge,
      stroke: ink,
      strokeWidth: LINE_WIDTH,
      title: 'tip',
    }),
    Plot.text(
      beyond.filter(({ beyond: way }) => way === -1),
      { ...text, textAnchor: 'start', dx: 6 },
    ),
    Plot.text(
      beyond.filter(({ beyond: way }) => way === 1),
      { ...text, textAnchor: 'end', dx: -6 },
    ),
  ];
}

/** At the ends of bars that lie, else beside their points, where they hide least. */
function labelMarks(
  { spec, points, isFlat, scales: { x, y }, frame, colours, ruleNames }: Plan,
  group: object,
): Plot.Markish[] {
  const labelled = points.filter(({ label, beyond }) => label !== undefined && !beyond);
  const look = {
    text: 'label',
    fill: colours.text,
    fontVariant: 'tabular-nums',
    textAnchor: 'start',
  } as const;
  if (isFlat) {
    const end = ({ high, to, x: value }: Placed) =>
      // Beyond the line at 0, which would strike it through.
      high !== undefined && Number.isFinite(high)
        ? Math.max(0, high)
        : (to ?? (Number.isNaN(value) ? 0 : value));
    // A rule would strike it through.
    const halo = ruleNames.length > 0 && { stroke: colours.background, strokeWidth: 4 };
    return [Plot.text(labelled, { ...group, ...look, ...halo, y: 'y', x: end, dx: 6 })];
  }
  if (spec.x.kind === 'names') {
    return [Plot.text(labelled, { ...look, x: 'x', y: 'y', dy: -8, textAnchor: 'middle' })];
  }
  if (labelled.length === 0) return [];
  const taken = points.map((point) => ({ x: x.place(Number(point.x)), y: y.place(Number(point.y)) }));
  const order = [...labelled, ...points.filter((point) => !labelled.includes(point))];
  const boxes = placeLabels(
    order.map((point) => taken[points.indexOf(point)]),
    labelled.map(({ label = '' }) => textWidth(label, TICK_SIZE)),
    frame,
  );
  const places = labelled.map(({ label }, at) => ({
    label,
    x: x.value(boxes[at].left),
    y: y.value((boxes[at].top + boxes[at].bottom) / 2),
  }));
  return [Plot.text(places, { ...look, x: 'x', y: 'y' })];
}

/** Each name with a tile of its colour, as near to the last value that is shown as the others let it. */
export function nameMarks({ spec, points, domains, scales: { y }, frame, colours }: Plan): Plot.Markish[] {
  if (spec.names !== 'ends') return [];
  const within = ({ x, y: value }: Placed) => Number(x) <= domains.x[1] && !Number.isNaN(value);
  const ends = spec.series.flatMap(({ id, label, faint }) => {
    const last = points.findLast((point) => point.id === id && within(point));
    return label === undefined || faint || !last ? [] : [{ ...last, label }];
  });
  const wanted = ends.map((end) => Math.max(frame.top, Math.min(frame.bottom, y.place(Number(end.y)))));
  const places = spreadApart(wanted, END_LINE, frame.top, frame.bottom);
  const labels = truncatedApart(
    ends.map(({ label }) => label),
    WIDEST,
    TICK_SIZE,
  );
  const rows = ends.map((end, at) => ({
    ...end,
    label: labels[at],
    y: y.value(places[at]),
  }));
  const place = { y: 'y', frameAnchor: 'right' } as const;
  return [
    Plot.dot(rows, { ...place, dx: END_TILE, symbol: 'square', r: TILE, fill: literal(({ ink }) => ink) }),
    Plot.text(rows, { ...place, dx: END_NAME, text: 'label', textAnchor: 'start', fill: colours.text }),
  ];
}

/** A diamond on the line at each marked place, with a dotted drop and its words. */
export function chosenMarks({ spec, points, domains, scales, frame, colours }: Plan): Plot.Markish[] {
  const [first, last] = domains.x;
  const chosen = (spec.marks ?? []).flatMap(({ x, series, label }) => {
    const point = points.find((one) => one.id === series && one.x === x && !Number.isNaN(one.y));
    // One of several is told apart by its line.
    const ink = label === '' ? point?.ink : colours.text;
    return point && x >= first && x <= last ? [{ x, y: Number(point.y), label, ink }] : [];
  });
  const fits = ({ x, label }: (typeof chosen)[number]) =>
    scales.x.place(x) + textWidth(label, TICK_SIZE) + 12 < frame.right;
  const place = { x: 'x', y: 'y' } as const;
  const halo = { stroke: colours.background, strokeWidth: 4, strokeLinejoin: 'round' } as const;
  const words = { ...place, ...halo, text: 'label', dy: -9, fill: colours.text } as const;
  return [
    Plot.ruleX(chosen, {
      x: 'x',
      y1: () => domains.y[0],
      y2: 'y',
      stroke: colours.muted,
      strokeDasharray: '2 3',
    }),
    Plot.dot(chosen, {
      ...place,
      symbol: diamond,
      r: 5,
      fill: colours.background,
      stroke: { value: 'ink', scale: null },
      strokeWidth: 1.25,
    }),
    Plot.text(chosen.filter(fits), { ...words, textAnchor: 'start', dx: 10 }),
    Plot.text(
      chosen.filter((one) => !fits(one)),
      { ...words, textAnchor: 'end', dx: -10 },
    ),
  ];
}

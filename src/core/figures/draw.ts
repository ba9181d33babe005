/** Draws the plain data of a figure with Observable Plot, for the screen, for files and for tests. */
import * as Plot from '@observablehq/plot';
import { type Scale, TICK_SIZE } from './axis.ts';
import type { FigureElement, FigureNode } from './document.ts';
import type { Box } from './labels.ts';
import { chosenMarks, nameMarks, valueMarks } from './marks.ts';
import { type Look, namesOf, type Plan, planOf, widest } from './plan.ts';
import type { FigureSpec } from './spec.ts';
import { truncate } from './text.ts';

export interface DrawnFigure<E extends FigureElement = FigureElement> {
  svg: E;
  /** Where the values are, in pixels of the drawing. */
  frame: Box;
  x: Scale;
  y: Scale;
  /** What of x is shown. */
  domain: readonly [number, number];
}

export function drawFigure<E extends FigureElement>(spec: FigureSpec, look: Look<E>): DrawnFigure<E> {
  const plan = planOf(spec, look);
  const { margins, domains, width, height, colours, isFlat, frame, scales } = plan;
  const scale = (name: 'x' | 'y') => {
    const { kind } = spec[name];
    if (kind === 'names')
      return { type: 'band' as const, domain: namesOf(plan, name), padding: 0.2, axis: null };
    const type = kind === 'log' || kind === 'symlog' ? kind : ('linear' as const);
    return { type, domain: domains[name], axis: null };
  };
  const group = { domain: spec.groups?.names, axis: null, padding: 0.12 };
  const svg = Plot.plot({
    document: look.document as Plot.PlotOptions['document'],
    className: 'figure-plot',
    ariaLabel: spec.description,
    width,
    height,
    marginLeft: margins.left,
    marginRight: margins.right,
    marginTop: margins.top,
    marginBottom: margins.bottom,
    style: {
      background: 'transparent',
      color: colours.muted,
      fontFamily: 'inherit',
      fontSize: `${TICK_SIZE}px`,
    },
    x: scale('x'),
    y: scale('y'),
    ...(spec.groups && (isFlat ? { fy: group } : { fx: group })),
    marks: [axisMarks, valueMarks, nameMarks, chosenMarks].flatMap((part) => part(plan)).filter(hasData),
  }) as unknown as E;
  svg.setAttribute('role', 'img');
  // The figure is described as a whole; a part without a role cannot have a name.
  unname(svg.childNodes);
  if (spec.future != null) svg.prepend(hatching(look));
  return { svg, frame, x: scales.x, y: scales.y, domain: domains.x };
}

/** A mark of nothing draws nothing, but takes as long as any other. */
const hasData = (mark: Plot.Markish) =>
  !(mark && 'data' in mark && Array.isArray(mark.data) && mark.data.length === 0);

function unname(parts: Iterable<FigureNode>): void {
  for (const part of parts) {
    part.removeAttribute?.('aria-label');
    unname(part.childNodes);
  }
}

function axisMarks(plan: Plan): Plot.Markish[] {
  const { spec, colours, frame, width, isFlat, ticks } = plan;
  const plain = { tickSize: 0, color: colours.muted, fontVariant: 'tabular-nums' } as const;
  const isRuled = isFlat && spec.x.kind !== 'names';
  // Values that lie have lines of their own.
  const line = isRuled ? null : Plot.frame({ anchor: 'bottom', stroke: colours.lineStrong });
  const of = (axis: 'x' | 'y') => {
    if (spec[axis].kind !== 'names') {
      const texts = new Map(ticks[axis].map(({ value, text }) => [value, text]));
      return { ticks: [...texts.keys()], text: (value: number) => texts.get(value) ?? '' };
    }
    const names = namesOf(plan, axis);
    const room = axis === 'y' ? frame.left - 12 : (frame.right - frame.left) / names.length - 6;
    return namedTicks(names, room, axis === 'x');
  };
  const label = (text: string | undefined) => (text === undefined ? null : text);
  const { text: textColour } = colours;
  const leftNames = { textAnchor: 'start', dx: -frame.left, tickPadding: 0, color: textColour } as const;
  const below = { ...plain, labelAnchor: 'left', labelArrow: 'none', labelOffset: 34 } as const;
  const grid = { stroke: colours.line, strokeOpacity: 1 };
  const upright = isRuled
    ? [
        Plot.gridX(
          ticks.x.map(({ value }) => value),
          grid,
        ),
      ]
    : [];
  if (spec.groups && isFlat) {
    const names = namedTicks(spec.groups.names, frame.left - 12, false);
    return [
      ...upright,
      Plot.axisFy({ anchor: 'left', ...plain, ...leftNames, label: null, ...names }),
      Plot.axisX({ ...below, ...of('x'), label: label(spec.x.label) }),
      line,
    ];
  }
  const rows =
    spec.y.kind === 'names'
      ? []
      : [
          Plot.gridY(
            ticks.y.map(({ value }) => value),
            grid,
          ),
        ];
  const named = of('y');
  const names = { ...plain, ...(isFlat && leftNames), labelArrow: 'none', labelAnchor: 'top' } as const;
  const isStrong = (name: unknown) => name === spec.y.strong;
  const up = [
    Plot.axisY({
      ...names,
      ...named,
      ticks: named.ticks.filter((one) => !isStrong(one)),
      label: label(spec.y.label),
    }),
    ...named.ticks
      .filter(isStrong)
      .map((one) => Plot.axisY({ ...names, ...named, ticks: [one], label: null, fontWeight: 600 })),
  ];
  if (spec.groups) {
    const { names } = spec.groups;
    const room = (width - frame.left) / names.length - 6;
    return [
      ...rows,
      ...up,
      Plot.axisFx({
        anchor: 'bottom',
        ...below,
        ...namedTicks(names, room, true),
        label: label(spec.groups.label),
      }),
      line,
    ];
  }
  return [...rows, ...upright, ...up, Plot.axisX({ ...below, ...of('x'), label: label(spec.x.label) }), line];
}

/** Names as far as they have room; in a row with too many of them only every second, third … one. */
function namedTicks(names: readonly string[], room: number, isRow: boolean) {
  const every = isRow ? Math.max(1, Math.ceil(Math.min(widest(names), 48) / Math.max(room, 1))) : 1;
  const kept = names.filter((_, at) => at % every === 0);
  return {
    ticks: kept,
    text: (name: string) => truncate(name, every * room + 4, TICK_SIZE) || name.slice(0, 1),
  };
}

function hatching({ document, colours }: Look): FigureElement {
  const make = (name: string, attributes: Record<string, string | number>) => {
    const element = document.createElementNS('http://www.w3.org/2000/svg', name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
    return element;
  };
  const box = {
    id: 'figure-hatch',
    width: 6,
    height: 6,
    patternUnits: 'userSpaceOnUse',
    patternTransform: 'rotate(45)',
  };
  const [defs, pattern] = [make('defs', {}), make('pattern', box)];
  pattern.append(make('path', { d: 'M0 0V6', stroke: colours.line, 'stroke-width': 2 }));
  defs.append(pattern);
  return defs;
}

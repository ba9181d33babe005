/** The laws of a scaling study: what was measured, the laws through it, and what the smaller sizes predicted of the largest. */
import type { FigureColour, FigureSeries, FigureSpec } from '../../figures/spec.ts';
import { countText } from '../../names.ts';
import { isTold, type StudyLaw } from '../../studies/analysis.ts';
import { fixed } from '../format.ts';
import { axisTitle, metricTitles } from './figures.ts';
import { amount } from './words.ts';

/** `colours`: one a law, the first of which is the one that the study is about. Default: of the palette. */
export function lawFigure(
  laws: readonly StudyLaw[],
  colours: readonly FigureColour[] = laws.map((_, at) => at),
): FigureSpec {
  const [main] = laws;
  const { axis, metric } = main;
  const title = `${metricTitles[metric]} against ${axisTitle(axis).toLowerCase()}`;
  const points = laws.flatMap((law) => law.points);
  const ys = [
    ...points.map(({ y }) => y),
    ...laws.flatMap(({ heldOut }) => (heldOut ? [heldOut.predicted] : [])),
  ];
  // A guess is drawn where it is not far above everything.
  const guess = main.guess !== null && main.guess <= Math.max(...ys) ? main.guess : null;
  const levels = [
    { id: 'floor', label: 'Floor', y: floorOf(main) },
    { id: 'guess', label: 'Guessing', y: guess },
  ].flatMap(({ y, ...level }) => (y === null ? [] : [{ ...level, y }]));
  const low = Math.min(...ys, ...levels.map(({ y }) => y));
  const room = 0.08 * (Math.max(...ys) - low || 0.1);
  const largest = Math.max(...points.map(({ x }) => x));
  const xs = laws.flatMap(({ curve }) => curve.map(({ x }) => x));
  const [from, to] = [Math.min(...points.map(({ x }) => x)), Math.max(largest, ...xs)];
  return {
    title,
    description: [`${title}: ${countText(laws.length, 'curve')}`, ...heldOutMarks(laws)].join('; '),
    fileName: `scaling-${axis}-${metric}`,
    height: 396,
    x: { kind: 'log', label: axisTitle(axis), text: amount },
    y: { domain: [low - room, Math.max(...ys) + room] },
    names: 'ends',
    future: largest,
    series: [
      ...laws.flatMap((law, at) => lawSeries(law, colours[at], largest)),
      ...levels.map(
        ({ id, label, y }): FigureSeries => ({
          ...{ id, label: `${label} ${fixed(y, 3)}`, colour: 'muted', dashed: true },
          ...{ line: 'straight', marks: 'none' },
          points: [from, to].map((x) => ({ x, y })),
        }),
      ),
    ],
  };
}

/** What the marks of the largest size are, each only where it is drawn: "diamond: …", "bar: …". */
export function heldOutMarks(laws: readonly StudyLaw[]): string[] {
  const what = laws[0].axis === 'parameters' ? 'size' : 'share';
  const isDiamond = laws.some((law) => law.points.some(({ x }) => x === law.heldOut?.x));
  const isBar = laws.some((law) => law.heldOut && isTold(law));
  return [
    ...(isDiamond ? [`diamond: the largest ${what}, as measured`] : []),
    ...(isBar ? [`bar: what the fit without the largest ${what} predicts of it, 95 %`] : []),
  ];
}

/** Null where it cannot be told, or is none. */
function floorOf(law: StudyLaw): number | null {
  return law.fit && isTold(law) && law.fit.law.e > 0 ? law.fit.law.e : null;
}

/** A law is drawn where it can be told, dashed beyond what it was fitted on; else the points are joined. */
function lawSeries(law: StudyLaw, colour: FigureColour, largest: number): FigureSeries[] {
  const { fixed: along, points, curve, heldOut } = law;
  const line = { colour, line: 'straight', marks: 'none' } as const;
  const within = curve.filter(({ x }) => x <= largest);
  const told: FigureSeries[] = isTold(law)
    ? [
        { ...line, id: `${along} law`, spread: 'band', points: within },
        {
          ...line,
          id: `${along} beyond`,
          spread: 'band',
          dashed: true,
          points: [...within.slice(-1), ...curve.slice(within.length)],
        },
      ]
    : [{ ...line, id: `${along} joined`, points: points.map(({ x, y }) => ({ x, y })) }];
  return [
    ...told,
    {
      id: along,
      label: along,
      colour,
      points: points.map(({ x, y, label }) => ({
        x,
        y,
        shape: heldOut && x === heldOut.x ? 'diamond' : 'tile',
        tip:
          heldOut && x === heldOut.x
            ? `${label}, ${along}: kept out of the fit\npredicted ${fixed(heldOut.predicted, 4)}, measured ${fixed(y, 4)}`
            : `${label}, ${along}\n${amount(x)}, ${fixed(y, 4)}`,
      })),
    },
    ...(heldOut && isTold(law)
      ? [
          {
            ...({ id: `${along} predicted`, colour, marks: 'none' } as const),
            points: [
              { x: heldOut.x, y: heldOut.predicted, low: heldOut.interval[0], high: heldOut.interval[1] },
            ],
          },
        ]
      : []),
  ];
}

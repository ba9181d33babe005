import { expect, it } from 'vitest';
import { textDocument } from './document.ts';
import { drawFigure } from './draw.ts';
import { type ChartColours, type FigureSpec, legendOf } from './spec.ts';

const document = textDocument();
const NAMES = ['background', 'surface', 'line', 'lineStrong', 'text', 'muted', 'accent', 'bad', 'good'];
const colours = Object.fromEntries(NAMES.map((name) => [name, '#123456'])) as unknown as ChartColours;
const words = { title: 'Loss', description: 'Loss', fileName: 'loss', height: 200 };

function drawn(spec: Partial<FigureSpec>): string {
  const figure = { ...words, x: {}, y: {}, series: [], ...spec };
  return drawFigure(figure, { width: 500, height: 200, colours, document }).svg.outerHTML;
}

const curve = (values: number[]) => {
  const points = values.map((y, x) => ({ x, y, low: y - 1, high: y + 1 }));
  return { id: 'a', label: 'a', colour: '#0000ff', line: 'straight', spread: 'band', points } as const;
};
it('has a gap in line and band where a value is not a number, or has no place on a logarithmic axis', () => {
  for (const [kind, gap] of [
    ['numbers', Number.NaN],
    ['log', 0],
    ['log', -3],
  ] as const) {
    const svg = drawn({ y: { kind }, series: [curve([5, 4, gap, 3, 2.5])] });
    const paths = [...svg.matchAll(/<path [^>]*d="([^"]*)"/g)].map(([, path]) => path);
    const long = paths.filter((path) => path.split('M').length - 1 === 2);
    expect(long).toHaveLength(2);
  }
});

it('clips what is zoomed into, and hatches the future only where it is shown', () => {
  const series = [curve([5, 4, 3, 2, 1])];
  const part = { from: 1, to: 3 };
  expect(drawn({ series, range: part })).toMatch(/clip-path/);
  expect(drawn({ series, future: 4, x: { domain: [0, 8] } })).toMatch(/url\(#figure-hatch\)/);
  expect(drawn({ series, future: 4, x: { domain: [0, 8] }, range: part })).not.toMatch(
    /url\(#figure-hatch\)/,
  );
});

it('has the values of its lines between two of their points too', () => {
  const between = drawn({ series: [curve([50, 40])], range: { from: 0.2, to: 0.8 } });
  expect(between).toMatch(/>44</);
  const falling = drawn({ series: [curve([90, 50, 49, 10])], range: { from: 0.5, to: 2.5 } });
  expect(falling).toMatch(/>70</);
  expect(falling).toMatch(/>30</);
});

it('leaves the left margin to the longest tick, and truncates names that would take the figure', () => {
  const wide = drawn({ series: [curve([1e6, 2e6])] });
  expect(Number(/translate\(([\d.]+)/.exec(wide)?.[1])).toBeGreaterThan(40);
  const name = 'a name that nobody could read in a figure of five hundred pixels';
  const points = [{ x: 1, y: name }];
  const flat = drawn({ along: 'x', y: { kind: 'names' }, series: [{ id: 'a', colour: 'text', points }] });
  expect(flat).toMatch(/>a name that nobody[^<]*…</);
});

it('writes the number of an interval beyond the line at 0, which would strike it through', () => {
  const points = [
    { x: -0.2, y: 'a', low: -0.3, high: -0.1, label: 'minus' },
    { x: -0.1, y: 'b', low: -0.2, high: 0, label: 'zero' },
    { x: 0.2, y: 'c', low: 0.1, high: 0.3, label: 'plus' },
  ];
  const series = [{ id: 'a', colour: 'text', points }];
  const flat = drawn({ along: 'x', x: { domain: [-0.5, 0.5] }, y: { kind: 'names' }, series });
  const at = (text: string) => Number(new RegExp(`translate\\(([\\d.]+),[^>]*>${text}<`).exec(flat)?.[1]);
  expect(at('minus')).toBe(at('zero'));
  expect(at('plus')).toBeGreaterThan(at('zero') + 20);
});

it('draws what shares the colour of another run dashed and half-cut, in the picture and in its legend', () => {
  const palette = Array.from({ length: 8 }, (_, at) => `#00000${at}`);
  const series = [4, 13].map((colour) => ({
    ...{ id: String(colour), label: String(colour), colour },
    points: [{ x: 1, y: colour }],
  }));
  const figure = { ...words, x: {}, y: {}, series };
  const look = { width: 500, height: 200, colours: { ...colours, palette, trivial: '#888888' }, document };
  const paths = [...drawFigure(figure, look).svg.outerHTML.matchAll(/<path [^>]*\/>/g)].map(([path]) => path);
  expect(paths.map((path) => [/fill="(#\d+)"/.exec(path)?.[1], path.split('M').length - 1])).toEqual([
    ['#000004', 1],
    ['#000004', 2],
  ]);
  expect(legendOf(figure).map(({ shape }) => shape)).toEqual(['tile', 'half']);
  const lines = series.map((one) => ({
    ...one,
    line: 'straight' as const,
    points: [1, 2].map((x) => ({ x, y: x })),
  }));
  expect(
    drawFigure({ ...figure, series: lines }, look).svg.outerHTML.match(/stroke-dasharray="5 4"/g),
  ).toHaveLength(1);
});

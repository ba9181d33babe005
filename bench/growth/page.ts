/** The tables and figures of docs/scale.md from what was measured. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { drawOnPaper } from '../../src/core/documents/writers/draw.ts';
import { PAGE_COLOURS } from '../../src/core/documents/writers/html-style.ts';
import { numberText } from '../../src/core/figures/axis.ts';
import { pictureOf } from '../../src/core/figures/picture.ts';
import { type FigureSeries, type FigureSpec, fileLegendOf } from '../../src/core/figures/spec.ts';
import { costAt, fitGrowth, type Growth } from './fit.ts';
import { type Axis, type Measured, type Subject, subjects } from './subjects.ts';

export type Measurements = Record<string, { size: number; measured: Measured }[]>;

const DOCS = join(import.meta.dirname, '..', '..', 'docs');
const WIDTH = 640;
type Cost = 'seconds' | 'memory';

const figures: { file: string; title: string; axes: Axis[]; cost: Cost }[] = [
  { file: 'interactions-time', title: 'Time by interactions', axes: ['interactions'], cost: 'seconds' },
  { file: 'items-time', title: 'Time by items', axes: ['items'], cost: 'seconds' },
  { file: 'items-memory', title: 'Memory by items', axes: ['items'], cost: 'memory' },
  {
    file: 'model-time',
    title: 'Time by length, width and beams',
    axes: ['length', 'width', 'beams'],
    cost: 'seconds',
  },
  {
    file: 'model-memory',
    title: 'Memory by length, width and beams',
    axes: ['length', 'width', 'beams'],
    cost: 'memory',
  },
];

const seconds = (value: number): string => {
  if (value < 1) return `${numberText(Number((1000 * value).toPrecision(2)))} ms`;
  if (value < 600) return `${numberText(Number(value.toPrecision(2)))} s`;
  if (value < 36_000) return `${numberText(Number((value / 60).toPrecision(2)))} min`;
  if (value < 864_000) return `${numberText(Number((value / 3600).toPrecision(2)))} h`;
  return `${numberText(Number((value / 86_400).toPrecision(2)))} days`;
};

const bytes = (value: number): string => {
  const [unit, name] = (
    [
      [2 ** 40, 'TiB'],
      [2 ** 30, 'GiB'],
      [2 ** 20, 'MiB'],
      [0, 'kiB'],
    ] as const
  ).find(([least]) => value >= least) ?? [0, 'kiB'];
  return `${numberText(Number((value / (unit || 1024)).toPrecision(2)))} ${name}`;
};

const written: Record<Cost, (value: number) => string> = { seconds, memory: bytes };

/** Powers of ten as such, others in digits. */
const size = (value: number): string => {
  const power = Math.log10(value);
  return value >= 1e6 && Number.isInteger(power) ? `10^${power}` : numberText(value);
};

const pointsOf = (all: Measurements[string], cost: Cost) =>
  all.map((point) => ({ size: point.size, value: point.measured[cost] }));

function growthRow({ title, axis, target }: Subject, all: Measurements[string], cost: Cost): string {
  const points = pointsOf(all, cost);
  const [first, last] = [points[0], points[points.length - 1]];
  const growth = fitGrowth(points);
  const write = written[cost];
  const range = `${write(first.value)} at ${size(first.size)}, ${write(last.value)} at ${size(last.size)}`;
  if (!growth) return `| ${title} | ${axis} | ${range} | none seen | ${write(last.value)} |`;
  const { low, high } = growth.exponentInterval;
  const { value, ...interval } = costAt(growth, target);
  const power = `${growth.exponent.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`;
  const carried = `${write(value)} (${write(interval.low)} to ${write(interval.high)}) at ${size(target)}`;
  return `| ${title} | ${axis} | ${range} | ${power} | ${carried} |`;
}

function table(measurements: Measurements, cost: Cost): string {
  const rows = Object.entries(measurements).map(([name, all]) => growthRow(subjects[name], all, cost));
  const head = ['what', 'grows with', 'measured', 'exponent', 'carried on to'];
  return [`| ${head.join(' | ')} |`, `|${'---|'.repeat(head.length)}`, ...rows].join('\n');
}

function settings(measurements: Measurements): string {
  return Object.keys(measurements)
    .map((name) => `- ${subjects[name].title}, by ${subjects[name].axis}: ${subjects[name].setting}`)
    .join('\n');
}

/** Measured points, and the fitted line with its interval up to the size that it is carried on to. */
function seriesOf(name: string, all: Measurements[string], cost: Cost, colour: number): FigureSeries[] {
  const { title, target } = subjects[name];
  const points = pointsOf(all, cost).filter(({ value }) => value > 0);
  const measuredSeries: FigureSeries = {
    ...{ id: name, label: title, colour },
    points: points.map((point) => ({ x: point.size, y: point.value })),
  };
  const growth = fitGrowth(pointsOf(all, cost));
  return growth
    ? [fittedLine(name, growth, points[0].size, target, colour), measuredSeries]
    : [measuredSeries];
}

function fittedLine(id: string, growth: Growth, from: number, to: number, colour: number): FigureSeries {
  const STEPS = 40;
  const points = Array.from({ length: STEPS + 1 }, (_, at) => {
    const x = from * (to / from) ** (at / STEPS);
    const { value, low, high } = costAt(growth, x);
    return { x, y: value, low, high };
  });
  return {
    id: `${id} fitted`,
    colour,
    points,
    line: 'straight',
    dashed: true,
    marks: 'none',
    spread: 'band',
  };
}

function figureOf(
  measurements: Measurements,
  { file, title, axes, cost }: (typeof figures)[number],
): FigureSpec {
  const shown = Object.entries(measurements).filter(([name]) => axes.includes(subjects[name].axis));
  return {
    title,
    description: `${title}: measured points, and what is fitted to the largest of them`,
    ...{ fileName: file, height: 320 },
    x: { kind: 'log', label: axes.join(', '), text: size },
    y: { kind: 'log', label: cost === 'seconds' ? 'processor time' : 'memory', text: written[cost] },
    series: shown.flatMap(([name, all], at) => seriesOf(name, all, cost, at)),
  };
}

/** Writes docs/scale/*.svg and what docs/scale.md has between its marks. */
export function writePage(measurements: Measurements): void {
  const folder = join(DOCS, 'scale');
  mkdirSync(folder, { recursive: true });
  for (const figure of figures) {
    const spec = figureOf(measurements, figure);
    const drawing = { width: WIDTH, height: spec.height, svg: drawOnPaper(spec, WIDTH) };
    const caption = { title: spec.title, legend: fileLegendOf(spec) };
    writeFileSync(join(folder, `${figure.file}.svg`), pictureOf(drawing, caption, PAGE_COLOURS));
  }
  const page = join(DOCS, 'scale.md');
  const parts = {
    time: table(measurements, 'seconds'),
    memory: table(measurements, 'memory'),
    settings: settings(measurements),
  };
  let text = readFileSync(page, 'utf8');
  for (const [name, part] of Object.entries(parts)) {
    const place = new RegExp(`(<!-- ${name} -->\\n)[^]*?(<!-- end -->\\n)`);
    if (!place.test(text)) throw new Error(`docs/scale.md has no place for ${name}`);
    text = text.replace(place, (_, begin: string, end: string) => `${begin}\n${part}\n\n${end}`);
  }
  writeFileSync(page, text);
}

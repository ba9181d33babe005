/** The figures of studies, from their numbers, as the window and reports draw them. */
import type { FigureSpec, Shape } from '../../figures/spec.ts';
import { modelTitle } from '../../model-facts.ts';
import { countText } from '../../names.ts';
import type { StudyAxis, StudyMetric, StudyPoint } from '../../studies/analysis.ts';
import type { DepthWidth, DepthWidthCell } from '../../studies/depth-width.ts';
import { percentText } from '../../studies/study.ts';
import { duration, fixed, signed } from '../format.ts';
import { colourIndex } from '../run-colours.ts';
import { amount } from './words.ts';

export const metricTitles: Record<StudyMetric, string> = {
  'cross-entropy': 'Cross-entropy (nats)',
  'ndcg@10': '1 − NDCG@10',
};

export function axisTitle(axis: StudyAxis): string {
  return axis === 'parameters' ? 'Non-embedding parameters' : 'Training positions';
}

/** Of the shares of users, the largest first. */
const SHAPES: readonly Shape[] = ['tile', 'diamond', 'triangle', 'cross', 'plus', 'star'];
/** Round times in seconds. */
const TIMES = [
  ...[0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_200, 1_800, 3_600, 7_200, 18_000],
  ...[36_000, 72_000, 180_000, 360_000],
];

function secondsText(seconds: number): string {
  const [value, unit] =
    seconds < 60 ? [seconds, 's'] : seconds < 3600 ? [seconds / 60, 'min'] : [seconds / 3600, 'h'];
  return `${Number(value.toPrecision(3))} ${unit}`;
}

/** What training time buys: NDCG@10 against the time of each run; null before there is one. */
export function costFigure(points: readonly StudyPoint[]): FigureSpec | null {
  const done = points
    .toSorted((a, b) => b.share - a.share)
    .flatMap(({ seconds, ndcg, label, share }) =>
      seconds !== null && ndcg !== null ? [{ x: seconds, y: ndcg, label, share: percentText(share) }] : [],
    );
  if (done.length === 0) return null;
  const within = TIMES.filter((time) => done.some(({ x }) => x <= time) && done.some(({ x }) => x >= time));
  return {
    title: 'Quality by time of training',
    description: `NDCG@10 against the time of training, ${countText(done.length, 'run')}`,
    fileName: 'scaling-quality-per-hour',
    height: 320,
    x: {
      kind: 'log',
      label: 'Time of training',
      ticks: within.length > 1 ? within : undefined,
      text: secondsText,
    },
    y: { label: 'NDCG@10' },
    series: [...Map.groupBy(done, ({ share }) => share)].map(([share, members], at) => ({
      id: share,
      label: `${share} of the users`,
      colour: 'muted',
      marks: SHAPES[at % SHAPES.length],
      points: members.map(({ x, y, label }) => ({
        x,
        y,
        hollow: true,
        tip: `${label}, ${share}\n${duration(x)}, ${fixed(y, 4)}`,
      })),
    })),
  };
}

const CELL_METRICS: Record<StudyMetric, { title: string; of(cell: DepthWidthCell): number | null }> = {
  'cross-entropy': { title: 'Cross-entropy (nats)', of: ({ crossEntropy }) => crossEntropy },
  'ndcg@10': { title: 'NDCG@10', of: ({ ndcg }) => ndcg },
};

/** Whether parameters do better in more blocks or in wider ones: one line a depth, widths at its points; null without results. */
export function depthWidthFigure({ cells, share }: DepthWidth, metric: StudyMetric): FigureSpec | null {
  const { title, of } = CELL_METRICS[metric];
  const measured = cells.flatMap((cell) => {
    const y = of(cell);
    return y === null ? [] : [{ ...cell, y }];
  });
  if (measured.length === 0) return null;
  return {
    title: `${title} by depth, ${percentText(share)} of the users`,
    description: `${title} against non-embedding parameters, one line a number of blocks; the number at a point is its width`,
    fileName: `scaling-depth-width-${metric}`,
    height: 380,
    x: { kind: 'log', label: axisTitle('parameters'), text: amount },
    y: { label: title },
    series: [...Map.groupBy(measured, ({ depth }) => depth)].map(([depth, members], colour) => ({
      id: String(depth),
      label: countText(depth, 'block'),
      colour,
      line: 'straight',
      marks: 'tile',
      points: members
        .toSorted((a, b) => a.nonEmbedding - b.nonEmbedding)
        .map(({ nonEmbedding, y, width, label }) => ({
          x: nonEmbedding,
          y,
          label: String(width),
          tip: `${label}\n${amount(nonEmbedding)}, ${fixed(y, 4)}`,
        })),
    })),
  };
}

export interface DrawnStep {
  model: string;
  base: number | null;
  large: number | null;
  percent: number | null;
}

const SIDES = ['base', 'Large'];

/** One line a model from its base to its Large. The scale is this figure's own. */
export function stepFigure(title: string, metric: string, steps: readonly DrawnStep[]): FigureSpec {
  const change = (percent: number | null) => `${signed(percent, 1)} %`;
  const words = steps.map(
    ({ model, percent }) => `${modelTitle(model)} ${percent === null ? 'not known' : change(percent)}`,
  );
  return {
    title,
    description: `${metric} from base to Large, ${title}: ${words.join(', ')}`,
    fileName: `base-large-${title.toLowerCase()}`,
    height: 240,
    x: { kind: 'names', names: SIDES },
    y: { label: metric },
    names: 'none',
    series: steps.map(({ model, base, large, percent }) => ({
      id: model,
      label: modelTitle(model),
      colour: colourIndex(model),
      line: 'straight',
      marks: 'tile',
      points: (base === null || large === null ? [] : [base, large]).map((y, at) => ({
        x: SIDES[at],
        y,
        tip: `${modelTitle(model)}, ${SIDES[at]}: ${fixed(y, 4)}\nLarge against base ${change(percent)}`,
      })),
    })),
  };
}

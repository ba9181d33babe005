import type { FigureColour, FigureSpec } from '../../../core/api/figures.ts';
import { fixed } from '../../format/format.ts';

/** A run of items hidden from training, with its test metrics. */
export interface HidingRun {
  id: string;
  name: string;
  colour: FigureColour;
  metrics: Readonly<Record<string, number>>;
}

/** What is drawn: the metric by share, and the one of models that may place hidden items anywhere. */
const FIGURES = [
  { by: 'test/cold-hr-by-share@', whole: 'test/cold-hr@10', title: 'HR@10 of hidden items' },
  { by: 'test/hr-by-share@', whole: 'test/hr@10', title: 'HR@10 of all users' },
];

const percent = (share: number) => `${share} %`;

/**
 * Hits by the share of a list that hidden items may have (the ε of Rajput et al. 2023, section 5); models that need no
 * share are level lines. None where no run generates within a share.
 */
export function shareFigures(runs: readonly HidingRun[]): FigureSpec[] {
  const isHiding = ({ metrics }: HidingRun) => FIGURES[0].whole in metrics;
  if (!runs.some(({ metrics }) => pointsOf(metrics, FIGURES[0].by).length > 0)) return [];
  return FIGURES.map(({ by, whole, title }) => ({
    title,
    description: `${title} by share`,
    fileName: `share-${by.slice(5, -1)}`,
    height: 240,
    x: { label: 'Share of a list for hidden items', text: percent, domain: [0, 100] },
    y: { zero: true },
    names: 'ends',
    series: runs.flatMap((run): FigureSpec['series'][number][] => {
      const { id, name, colour, metrics } = run;
      const own = pointsOf(metrics, by);
      const isLevel = own.length === 0;
      if (isLevel && !(isHiding(run) && whole in metrics)) return [];
      const points = isLevel ? [0, 100].map((x) => ({ x, y: metrics[whole] })) : own;
      return [
        {
          id,
          label: name,
          colour,
          line: 'straight',
          dashed: isLevel,
          marks: isLevel ? 'none' : 'tile',
          points: points.map(({ x, y }) => ({ x, y, tip: `${name}, ${x} %: ${fixed(y, 4)}` })),
        },
      ];
    }),
  }));
}

function pointsOf(metrics: HidingRun['metrics'], prefix: string): { x: number; y: number }[] {
  return Object.entries(metrics)
    .flatMap(([name, y]) => (name.startsWith(prefix) ? [{ x: Number(name.slice(prefix.length)), y }] : []))
    .sort((a, b) => a.x - b.x);
}

import * as Plot from '@observablehq/plot';
import { useMemo } from 'react';
import { PlotFigure } from '../charts/PlotFigure.tsx';
import { tiles } from '../charts/tiles.ts';
import { fixed } from '../format/format.ts';

/** A run of items hidden from training, with its test metrics. */
export interface HidingRun {
  id: string;
  name: string;
  colour: string;
  metrics: Readonly<Record<string, number>>;
}

/** What is drawn: the metric by share, and the one of models that may place hidden items anywhere. */
const FIGURES = [
  { by: 'test/cold-hr-by-share@', whole: 'test/cold-hr@10', title: 'HR@10 of hidden items' },
  { by: 'test/hr-by-share@', whole: 'test/hr@10', title: 'HR@10 of all users' },
];

interface Point {
  id: string;
  name: string;
  share: number;
  value: number;
}

/**
 * Hits by the share of a list that hidden items may have (the ε of Rajput et al. 2023, section 5); models that need no
 * share are level lines. Nothing where no run generates within a share.
 */
export function ShareCurves({ runs }: { runs: readonly HidingRun[] }) {
  const within = runs.filter(({ metrics }) => pointsOf(metrics, FIGURES[0].by).length > 0);
  if (within.length === 0) return null;
  return (
    <div className="compare-charts">
      {FIGURES.map((figure) => (
        <ShareFigure key={figure.by} runs={runs} {...figure} />
      ))}
    </div>
  );
}

function pointsOf(metrics: HidingRun['metrics'], prefix: string): { share: number; value: number }[] {
  return Object.entries(metrics)
    .flatMap(([name, value]) =>
      name.startsWith(prefix) ? [{ share: Number(name.slice(prefix.length)), value }] : [],
    )
    .sort((a, b) => a.share - b.share);
}

function ShareFigure({ runs, by, whole, title }: { runs: readonly HidingRun[] } & (typeof FIGURES)[number]) {
  const options = useMemo((): Plot.PlotOptions => {
    const named = ({ id, name }: HidingRun, share: number, value: number): Point => ({
      id,
      name,
      share,
      value,
    });
    const curves = runs.flatMap((run) =>
      pointsOf(run.metrics, by).map(({ share, value }) => named(run, share, value)),
    );
    const ids = new Set(curves.map(({ id }) => id));
    const levels = runs.flatMap((run) =>
      ids.has(run.id) || !(whole in run.metrics) || !('test/cold-hr@10' in run.metrics)
        ? []
        : [0, 100].map((share) => named(run, share, run.metrics[whole])),
    );
    const colours = new Map(runs.map(({ id, colour }) => [id, colour]));
    const stroke = ({ id }: Point) => colours.get(id);
    return {
      height: 240,
      marginLeft: 52,
      marginRight: 120,
      x: {
        label: 'Share of a list for hidden items',
        grid: false,
        ticks: 6,
        tickFormat: (share: number) => `${share} %`,
      },
      y: { label: null, grid: true, zero: true, ticks: 5 },
      marks: [
        Plot.line(levels, { x: 'share', y: 'value', z: 'id', stroke, strokeDasharray: '4 3' }),
        Plot.line(curves, { x: 'share', y: 'value', z: 'id', stroke, strokeWidth: 2 }),
        tiles(curves, {
          x: 'share',
          y: 'value',
          fill: stroke,
          title: ({ name, share, value }: Point) => `${name}, ${share} %: ${fixed(value, 4)}`,
        }),
        Plot.text(
          [...curves, ...levels].filter(({ share }) => share === 100),
          { x: 'share', y: 'value', text: 'name', textAnchor: 'start', dx: 8 },
        ),
      ],
    };
  }, [runs, by, whole]);
  return (
    <PlotFigure
      title={title}
      description={`${title} by share`}
      fileName={`share-${by.slice(5, -1)}`}
      options={options}
    />
  );
}

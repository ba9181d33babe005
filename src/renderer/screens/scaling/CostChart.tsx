import * as Plot from '@observablehq/plot';
import { useMemo } from 'react';
import type { StudyPoint } from '../../../core/api/studies.ts';
import { PlotFigure, pointerTip } from '../../charts/PlotFigure.tsx';
import { durationText, fixed } from '../../format/format.ts';
import { percentText } from './amounts.ts';

/** What an hour of training buys: NDCG@10 against the time of each run. */
export function CostChart({ points }: { points: readonly StudyPoint[] }) {
  const done = useMemo(
    () =>
      points.flatMap(({ seconds, ndcg, label, share }) =>
        seconds !== null && ndcg !== null
          ? [{ hours: seconds / 3600, ndcg, label, share: percentText(share) }]
          : [],
      ),
    [points],
  );
  const options = useMemo(
    (): Plot.PlotOptions => ({
      height: 320,
      marginLeft: 60,
      marginBottom: 44,
      marginTop: 24,
      inset: 10,
      x: { type: 'log', label: 'Hours of training', grid: true, labelAnchor: 'center', ticks: 5 },
      y: { label: 'NDCG@10', grid: true },
      symbol: { legend: true, label: 'Users' },
      marks: [
        Plot.dot(done, { x: 'hours', y: 'ndcg', symbol: 'share', stroke: 'currentColor', r: 4 }),
        pointerTip(
          done,
          { x: 'hours', y: 'ndcg' },
          (point) =>
            `${point.label}, ${point.share}\n${durationText(point.hours * 3600)}, ${fixed(point.ndcg, 4)}`,
        ),
      ],
    }),
    [done],
  );
  if (done.length === 0) return null;
  return (
    <PlotFigure
      title="Quality per hour"
      description={`NDCG@10 against hours of training, ${done.length} runs`}
      fileName="scaling-quality-per-hour"
      options={options}
    />
  );
}

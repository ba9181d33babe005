import * as Plot from '@observablehq/plot';
import { useMemo } from 'react';
import { percentText, type StudyPoint } from '../../../core/api/studies.ts';
import { PlotFigure } from '../../charts/PlotFigure.tsx';
import { countText, durationText, fixed } from '../../format/format.ts';

/** Round times in seconds. */
const TICKS = [1, 10, 60, 600, 3600, 36_000, 360_000];
const FINE_TICKS = [
  0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 18_000, 36_000, 72_000,
];

/** Round times that the runs span. */
function ticksWithin(seconds: readonly number[]): number[] {
  const [low, high] = [Math.min(...seconds), Math.max(...seconds)];
  const within = (ticks: readonly number[]) => ticks.filter((tick) => tick >= low && tick <= high);
  return [TICKS, FINE_TICKS].map(within).find(({ length }) => length >= 2) ?? evenTicks(low, high);
}

/** Three to six round numbers between two that are close together. */
function evenTicks(low: number, high: number): number[] {
  const rough = (high - low) / 3 || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([5, 2].find((times) => times * power <= rough) ?? 1);
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, at) => (first + at) * step);
}

/** Of the shares of users, the largest first. */
const SYMBOLS = ['square', 'diamond2', 'triangle', 'times', 'plus', 'asterisk'];

function tickText(seconds: number): string {
  const [value, unit] =
    seconds < 60 ? [seconds, 's'] : seconds < 3600 ? [seconds / 60, 'min'] : [seconds / 3600, 'h'];
  return `${Number(value.toPrecision(3))} ${unit}`;
}

/** What training time buys: NDCG@10 against the time of each run. */
export function CostChart({ points }: { points: readonly StudyPoint[] }) {
  const done = useMemo(
    () =>
      points
        .toSorted((a, b) => b.share - a.share)
        .flatMap(({ seconds, ndcg, label, share }) =>
          seconds !== null && ndcg !== null ? [{ seconds, ndcg, label, share: percentText(share) }] : [],
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
      x: {
        type: 'log',
        label: 'Time of training',
        grid: true,
        labelAnchor: 'center',
        labelArrow: 'none',
        ticks: ticksWithin(done.map(({ seconds }) => seconds)),
        tickFormat: tickText,
      },
      y: { label: 'NDCG@10', labelArrow: 'none', grid: true },
      symbol: {
        legend: true,
        label: 'Users',
        range: SYMBOLS,
        domain: [...new Set(done.map(({ share }) => share))],
      },
      marks: [
        Plot.dot(done, {
          x: 'seconds',
          y: 'ndcg',
          symbol: 'share',
          stroke: 'currentColor',
          r: 4,
          title: ({ label, share, seconds, ndcg }: (typeof done)[number]) =>
            `${label}, ${share}\n${durationText(seconds)}, ${fixed(ndcg, 4)}`,
        }),
      ],
    }),
    [done],
  );
  if (done.length === 0) return null;
  return (
    <PlotFigure
      title="Quality by time of training"
      description={`NDCG@10 against the time of training, ${countText(done.length, 'run')}`}
      fileName="scaling-quality-per-hour"
      options={options}
    />
  );
}

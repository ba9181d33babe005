import * as Plot from '@observablehq/plot';
import { useMemo, useState } from 'react';
import {
  byValidation,
  type Choosable,
  LEADERBOARD_METRIC,
  type LeaderboardRow,
} from '../../../core/api/compare.ts';
import { modelTitle } from '../../../core/api/models.ts';
import { modelColours } from '../../charts/colours.ts';
import { PlotFigure } from '../../charts/PlotFigure.tsx';
import { Select } from '../../components/controls.tsx';
import { meanText, timeText } from '../../format/format.ts';
import { useTheme } from '../../state/theme.ts';

/** Configurations of one data set and protocol. */
export interface Progress {
  dataset: string;
  rows: readonly LeaderboardRow[];
}

/** From here on days are told apart, and not hours. */
const TWO_DAYS_MS = 2 * 24 * 3_600_000;

interface Point extends Choosable {
  time: Date;
  value: number;
  text: string;
}

const newest = ({ rows }: Progress) => Math.max(...rows.map(({ endedAt }) => endedAt ?? 0));

/** When each configuration of a data set was measured, and the test of the one that was best on validation items by then. */
export default function BestSoFar({ all }: { all: readonly Progress[] }) {
  const [chosen, choose] = useState('');
  const byTime = all.toSorted((a, b) => newest(b) - newest(a));
  const { dataset, rows } = byTime.find((one) => one.dataset === chosen) ?? byTime[0];
  const options = useOptions(rows);
  return (
    <PlotFigure
      title="Best so far"
      subtitle={`test NDCG@10 on ${dataset}; the line is the best on validation items`}
      description={`Test NDCG@10 of ${rows.length} configurations on ${dataset} by the time they ended`}
      fileName={`best-${dataset}`}
      options={options}
      controls={
        all.length > 1 && (
          <Select
            aria-label="Data set of the chart"
            value={dataset}
            choices={all.map((one) => ({ value: one.dataset, label: one.dataset }))}
            onValue={choose}
          />
        )
      }
    />
  );
}

function useOptions(rows: readonly LeaderboardRow[]): Plot.PlotOptions {
  const theme = useTheme((state) => state.theme);
  return useMemo(() => {
    const points = rows
      .map(({ model, name, endedAt, metrics, seeds, valid }): Point => {
        const cell = metrics[LEADERBOARD_METRIC];
        const text = `${name}\n${modelTitle(model)} ${meanText(cell)}, ${timeText(endedAt)}`;
        return { time: new Date(endedAt ?? 0), value: cell.mean, model, seeds, valid, text };
      })
      .sort((a, b) => Number(a.time) - Number(b.time));
    const chosen = points.map((_, at) => byValidation(points.slice(0, at + 1), LEADERBOARD_METRIC).best[0]);
    const best = chosen[chosen.length - 1];
    const steps = points.flatMap(({ time }, at) =>
      chosen[at] && chosen[at] !== chosen[at - 1] ? [{ ...chosen[at], time }] : [],
    );
    const isLong = Number(points[points.length - 1].time) - Number(points[0].time) > TWO_DAYS_MS;
    const end = best ? [{ ...best, time: points[points.length - 1].time }] : [];
    const colours = modelColours(rows, theme);
    return {
      height: 200,
      marginLeft: 44,
      marginRight: 96,
      insetLeft: 8,
      x: {
        type: 'time',
        label: null,
        ticks: 5,
        tickSize: 0,
        tickFormat: (time: Date) => timeText(time.getTime()).slice(...(isLong ? [5, 10] : [11])),
      },
      y: { label: null, grid: true, ticks: 4, tickSize: 0, zero: true, nice: true },
      color: {
        legend: true,
        swatchSize: 10,
        domain: [...colours.keys()].map(modelTitle),
        range: [...colours.values()],
      },
      marks: [
        Plot.line([...steps, ...end], { x: 'time', y: 'value', curve: 'step-after' }),
        Plot.dot(points, {
          x: 'time',
          y: 'value',
          fill: ({ model }: Point) => modelTitle(model),
          symbol: 'square',
          rotate: (point: Point) => (point === best ? 45 : 0),
          r: 4,
          title: 'text',
        }),
        Plot.text(end, {
          x: 'time',
          y: 'value',
          text: ({ model, value }: Point) => `${modelTitle(model)} ${meanText({ mean: value, std: null })}`,
          textAnchor: 'start',
          dx: 10,
          fill: 'currentColor',
        }),
      ],
    };
  }, [rows, theme]);
}

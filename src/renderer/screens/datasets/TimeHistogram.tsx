import * as Plot from '@observablehq/plot';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Activity, TimeBin } from '../../../core/api/datasets.ts';
import { chartColours, mixed } from '../../charts/colours.ts';
import { PlotFigure } from '../../charts/PlotFigure.tsx';
import { Problem } from '../../components/Problem.tsx';
import { countText, grouped } from '../../format/format.ts';
import { api } from '../../state/api.ts';
import { useTheme } from '../../state/theme.ts';

/** Seconds of the last bin, whose end no other one tells. */
const LAST: Record<TimeBin, number> = {
  day: 86_400,
  week: 7 * 86_400,
  month: 30 * 86_400,
  quarter: 91 * 86_400,
  year: 365 * 86_400,
};

/** Active users over time, with those who came then for the first time. */
export function TimeHistogram({ dataset, name }: { dataset: string; name: string }) {
  const activity = useQuery(api.datasets.activity.queryOptions({ input: { dataset } }));
  if (activity.error) return <Problem query={activity} />;
  return activity.data ? <Bins activity={activity.data} name={name} /> : null;
}

function Bins({ activity: { bin, bins }, name }: { activity: Activity; name: string }) {
  const theme = useTheme((state) => state.theme);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new theme has other colours
  const options = useMemo((): Plot.PlotOptions => {
    const { accent, background } = chartColours();
    const rows = bins.map((row, at) => ({
      ...row,
      x1: new Date(1000 * row.from),
      x2: new Date(1000 * (bins[at + 1]?.from ?? row.from + LAST[bin])),
    }));
    const place = {
      x1: 'x1',
      x2: 'x2',
      inset: 0.5,
      title: (row: (typeof rows)[number]) => binText(row, bin),
    };
    return {
      height: 180,
      marginLeft: 56,
      marginBottom: 40,
      x: { type: 'utc', label: null },
      y: {
        label: 'users',
        labelArrow: 'none',
        grid: true,
        nice: true,
        ticks: 4,
        tickFormat: (count: number) => (Number.isInteger(count) ? grouped(count) : ''),
      },
      marks: [
        Plot.rectY(rows, { ...place, y: 'users', fill: mixed(accent, background, 0.45) }),
        Plot.rectY(rows, { ...place, y: 'newUsers', fill: accent }),
        Plot.ruleY([0], { stroke: 'currentColor' }),
      ],
    };
  }, [bin, bins, theme]);
  const title = `Users by ${bin}`;
  const most = bins.reduce((best, row) => (row.users > best.users ? row : best), bins[0]);
  return (
    <PlotFigure
      title={title}
      subtitle="solid: for the first time"
      description={`${title}: ${bins.length} ${bin}s; most in ${binText(most, bin)}`}
      fileName={`${name}-users-by-${bin}`}
      options={options}
    />
  );
}

/** "2001-03: 412 users, 130 of them new, 9,120 interactions" */
function binText({ from, users, newUsers, interactions }: Activity['bins'][number], bin: TimeBin): string {
  const date = new Date(1000 * from).toISOString();
  const names: Record<TimeBin, string> = {
    day: date.slice(0, 10),
    week: `week of ${date.slice(0, 10)}`,
    month: date.slice(0, 7),
    quarter: `${date.slice(0, 4)} Q${1 + Math.floor(Number(date.slice(5, 7)) / 3.1)}`,
    year: date.slice(0, 4),
  };
  return `${names[bin]}: ${countText(users, 'user')}, ${grouped(newUsers)} of them new, ${countText(interactions, 'interaction')}`;
}

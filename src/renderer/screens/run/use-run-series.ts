import { useQueries } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { SeriesPoints } from '../../../core/api/runs.ts';
import { stepsOf, withDetail, type Zoom } from '../../charts/zoom.ts';
import { api, useKeptAnswers } from '../../state/api.ts';

/** The series of a run, their times in milliseconds since it began. */
export interface RunSeries {
  run: string;
  series: SeriesPoints[];
}

interface Asked {
  runs: readonly string[];
  metrics: string[];
  /** Two points are seen a pixel. */
  pixels: number;
  /** The stretch that is shown: asked for again, at the chart's own resolution. */
  zoom: Zoom | null;
}

/** The series of several runs, each with the stretch that is zoomed into in detail; undefined until those of the first are there. */
export function useRunSeries({ runs, metrics, pixels, zoom }: Asked) {
  const inputs = runs.map((run) => ({ run, metrics, pixels }));
  const whole = useQueries({
    queries: inputs.map((input) => ({
      ...api.runs.series.queryOptions({ input }),
    })),
  });
  const known = useKeptAnswers(runs, whole);
  const began = known.map((data = []) => Math.min(...data.flatMap(({ times }) => times.slice(0, 1))));
  const steps = known.map((data = [], at) => zoom && stepsOf(sinceStart(data, began[at]), zoom));
  const detail = useQueries({
    queries: inputs.map((input, at) => ({
      ...api.runs.series.queryOptions({ input: { ...input, ...steps[at] } }),
      enabled: steps[at] !== null,
    })),
  });
  const [first] = whole;
  const answers = [...known, ...detail.map(({ data }) => data)];
  // biome-ignore lint/correctness/useExhaustiveDependencies: the answers are what may change
  const data = useMemo((): RunSeries[] | undefined => {
    if (!known[0]) return undefined;
    return runs.map((run, at) => {
      const shown = steps[at];
      const parts = new Map(shown && detail[at].data?.map((one) => [one.metric, one]));
      const all = (known[at] ?? []).map((one) =>
        shown ? withDetail(one, parts.get(one.metric), shown) : one,
      );
      return { run, series: sinceStart(all, began[at]) };
    });
  }, [...answers, runs.join(), zoom]);
  return { data, error: first?.error ?? null, refetch: () => first?.refetch() };
}

const sinceStart = (all: readonly SeriesPoints[], began: number) =>
  all.map((one) => ({ ...one, times: one.times.map((time) => time - began) }));

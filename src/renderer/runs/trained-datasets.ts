import { useQuery } from '@tanstack/react-query';
import type { RunsPage } from '../../core/api/runs.ts';
import { api, useKeptQuery } from '../state/api.ts';

/** The names of the data sets that have completed runs, those with most configurations first. */
export function useTrainedDatasets() {
  return useQuery({
    ...api.runs.table.queryOptions({
      input: { groupBy: 'dataset', fold: true, statuses: ['completed'], limit: 1 },
    }),
    select: datasetsOf,
  });
}

function datasetsOf({ groups }: RunsPage): string[] {
  const largest = (groups ?? []).toSorted((a, b) => b.rows - a.rows);
  return [...new Set(largest.flatMap(({ value }) => value ?? []))];
}

/** The leaderboard of each data set by its name, all in one answer. */
export function useLeaderboards(datasets: readonly string[]) {
  return useKeptQuery({
    ...api.compare.leaderboards.queryOptions({ input: { datasets: [...datasets] } }),
    enabled: datasets.length > 0,
  });
}

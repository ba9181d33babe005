import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Leaderboard } from '../../core/api/compare.ts';
import { api, useKeptQuery } from '../state/api.ts';

/** The names of the data sets that have completed runs, those with most configurations first; undefined until they are known. */
export function useTrainedDatasets(): string[] | undefined {
  const { data } = useQuery(
    api.runs.table.queryOptions({
      input: { groupBy: 'dataset', fold: true, statuses: ['completed'], limit: 1 },
    }),
  );
  if (!data) return undefined;
  const groups = (data.groups ?? []).toSorted((a, b) => b.rows - a.rows);
  return [...new Set(groups.flatMap(({ value }) => value ?? []))];
}

/** The leaderboard of each data set by its name, all in one answer; undefined until they are known. */
export function useLeaderboards(datasets: readonly string[]): ReadonlyMap<string, Leaderboard> | undefined {
  const { data } = useKeptQuery({
    ...api.compare.leaderboards.queryOptions({ input: { datasets: [...datasets] } }),
    enabled: datasets.length > 0,
  });
  return useMemo(() => data && new Map(Object.entries(data)), [data]);
}

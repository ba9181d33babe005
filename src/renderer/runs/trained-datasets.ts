import { useQuery } from '@tanstack/react-query';
import { api } from '../state/api.ts';

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

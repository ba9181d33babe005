import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api } from './api.ts';

/** Titles of models by id, such as "SASRec" for "sasrec"; empty until they are known. */
export function useModelTitles(): ReadonlyMap<string, string> {
  const { data: models } = useQuery(api.models.list.queryOptions());
  return useMemo(() => new Map(models?.map(({ id, title }) => [id, title])), [models]);
}

import { useQuery } from '@tanstack/react-query';
import type { Host } from '../../core/api/hosts.ts';
import { api } from './api.ts';

/** The hosts that have been added, in a terminal too. */
export function useHosts() {
  return useQuery({ ...api.hosts.list.queryOptions(), staleTime: 0 });
}

export const isCluster = ({ report }: Host) => Boolean(report?.facts?.scheduler);

import { useQuery } from '@tanstack/react-query';
import { type Host, SCHEDULERS } from '../../core/api/hosts.ts';
import { api } from './api.ts';

/** The hosts that have been added, in a terminal too. */
export function useHosts() {
  return useQuery(api.hosts.list.queryOptions());
}

/** Of a cluster; null where runs are processes of the host itself, or nobody has looked. */
export const schedulerOf = ({ report }: Host) =>
  report?.facts?.scheduler ? SCHEDULERS[report.facts.scheduler.kind] : null;

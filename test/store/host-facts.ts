import type { HostFacts } from '../../src/core/api/hosts.ts';
import type { SchedulerFacts } from '../../src/core/schedulers/facts.ts';

/** What a check finds on a host without a scheduler. */
export const HOST_FACTS: HostFacts = {
  root: '/scratch/ada/tessera',
  system: 'Linux x86_64',
  libc: 'glibc 2.36',
  clockSkewSeconds: 0,
  cores: 16,
  memoryBytes: 64e9,
  freeBytes: 412e9,
  endsAtLogout: false,
  gpus: [],
  scheduler: null,
};

export const SLURM_FACTS: SchedulerFacts = {
  kind: 'slurm',
  version: '23.11.4',
  accounting: true,
  partitions: [],
};

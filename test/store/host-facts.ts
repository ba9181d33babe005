import type { HostFacts } from '../../src/core/api/hosts.ts';

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

import { readFileSync } from 'node:fs';
import { ownIdentity, type ProcessIdentity } from '../../src/core/process-identity.ts';

/** A living process other than this one, in whose name a test takes locks and leases. Linux alone. */
export function parentProcess(): ProcessIdentity {
  const stat = readFileSync(`/proc/${process.ppid}/stat`, 'utf8');
  const startTime = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  return { ...ownIdentity(), pid: process.ppid, startTime };
}

/** Machines and what they have, in words. */
import type { MachineOf } from '../machine-words.ts';
import type { Host } from './hosts.ts';

export * from '../away-words.ts';
export * from '../machine-words.ts';
export type Machine = MachineOf<Host>;

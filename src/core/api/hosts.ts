/** Other machines on which runs can be trained: what the user said of them, and what they said of themselves. */
import { eventIterator, type } from '@orpc/contract';
import { z } from 'zod';
import type { SchedulerFacts } from '../schedulers/facts.ts';
import { SCHEDULERS } from '../schedulers/schedulers.ts';
import type { MachineActivity } from '../store/home/hosts.ts';
import { eachJobField, jobFields, oneLine } from '../training/job-options.ts';
import { asks, does } from './asking.ts';
import { runId } from './runs.ts';

export { hostProgressText, hostVerdict } from '../host-words.ts';
export type { JobOption, Scheduler } from '../schedulers/scheduler.ts';
export { SCHEDULERS, waitWords, wayOf } from '../schedulers/schedulers.ts';
export type { MachineActivity } from '../store/home/hosts.ts';
export {
  doubled,
  eachJobField,
  type JobOptions,
  jobArguments,
  jobFields,
  jobOptions,
} from '../training/job-options.ts';

/** A name of the user's ssh config, or user@host. It never begins with "-", which would be an option of ssh. */
export const hostName = z
  .string()
  .regex(/^[A-Za-z0-9_][\w.@:-]{0,199}$/, 'a host of your ssh config, or user@host');

const AT_ONCE = 'from 1 to 1,000';

/** How jobs are submitted; what is null is left to the cluster. */
export const hostJob = z.object({
  ...eachJobField((field) => field.nullable()),
  lines: jobFields.lines,
  /** Jobs of this home that are there at once. */
  atOnce: z.int().min(1, AT_ONCE).max(1000, AT_ONCE),
});

export const NO_OPTIONS: HostJob = { ...eachJobField(() => null), atOnce: 4, lines: [] };

export type HostJob = z.output<typeof hostJob>;

const folder = oneLine.regex(/^(\/|~\/)/, 'a path from "/" or "~/" on').nullable();

export const hostChanges = z.object({
  name: hostName,
  /** Tessera's folder there. Default: ~/.cache/tessera. */
  folder: folder.optional(),
  job: hostJob.partial().optional(),
});

export const hostSchema = z.object({
  name: hostName,
  folder: folder.default(null),
  job: hostJob.default(NO_OPTIONS),
  /** Of the last check; null before the first one. */
  report: z.custom<HostReport>(isReport).nullable().catch(null).default(null),
});

export type HostChanges = z.output<typeof hostChanges>;
export type Host = z.output<typeof hostSchema>;

export interface HostFacts {
  /** Tessera's folder there, absolute. */
  root: string;
  /** Such as "Linux x86_64" and "glibc 2.36". */
  system: string;
  libc: string;
  /** How far its clock is ahead of this one. */
  clockSkewSeconds: number;
  cores: number;
  memoryBytes: number;
  freeBytes: number;
  /** Whether its system ends what its user started once nobody is logged in. */
  endsAtLogout: boolean;
  /** Of NVIDIA; of a cluster those of its login node. */
  gpus: string[];
  /** Null where runs are processes of the host itself. */
  scheduler: SchedulerFacts | null;
}

/** What a check looks at, in the order of its lines. */
export const HOST_CHECKS = {
  connection: 'Connection',
  scheduler: 'Scheduler',
  runtime: 'Runtime',
  gpu: 'GPU',
  numbers: 'Same numbers',
  space: 'Space',
  time: 'Time limit',
  internet: 'Internet',
} as const;

/** What can be done about a line: a command, and the same as a procedure of the hosts, unless only the user can do it. */
export interface HostRemedy {
  /** On a button: "Use gpu-long". */
  title: string;
  command: string;
  action: { does: 'add'; changes: HostChanges } | { does: 'clean' } | null;
}

export interface HostCheckLine {
  key: keyof typeof HOST_CHECKS;
  state: 'ok' | 'note' | 'problem';
  text: string;
  /** A word at its end: how long an answer took, or the node that was asked. */
  aside: string | null;
  remedy: HostRemedy | null;
}

export interface HostReport {
  /** Unix milliseconds. */
  at: number;
  seconds: number;
  /** One a check, but for those that a problem did not let it reach. */
  lines: HostCheckLine[];
  facts: HostFacts | null;
}

/** Earlier versions kept other lines, and later ones know other schedulers. */
function isReport(kept: unknown): boolean {
  const { lines, facts } = (kept ?? {}) as Partial<HostReport>;
  const isKnown = !facts?.scheduler || facts.scheduler.kind in SCHEDULERS;
  return Array.isArray(lines) && lines.every(({ key }) => key in HOST_CHECKS) && isKnown;
}

/** What is being sent or done. */
export interface HostProgress {
  what: string;
  done: number;
  total: number;
}

const one = z.object({ name: hostName });

export const hosts = {
  list: asks(['hosts']).output(type<Host[]>()),
  /** What the database knows of the last 24 hours of each machine, by name; this machine is "", and one of which nothing is known is left out. */
  activity: asks(['queue', 'runs', 'hosts']).output(type<Record<string, MachineActivity>>()),
  /** Names of the user's ssh config. */
  offered: asks([]).output(type<string[]>()),
  /** Connects to it, and remembers it; of one that is known already, changes what is given. */
  add: does.input(hostChanges).output(type<Host>()),
  /** Sends the program where it is not there yet, and tries every device. */
  check: does.input(one).output(eventIterator(type<HostProgress>(), type<Host>())),
  /** Removes what no run needs there: earlier versions, half-sent files, data sets. With `all` everything. */
  clean: does.input(one.extend({ all: z.boolean().default(false) })).output(type<{ freedBytes: number }>()),
  /** Forgets it; what is there stays. With `giveUp` also where runs are still to be ended there. */
  remove: does.input(one.extend({ giveUp: z.boolean().default(false) })).output(type<void>()),
  /** The script of a run's job, with the options that it was submitted with; null where there is none yet, or no longer. */
  script: asks(['hosts'], { run: ['runs'] })
    .input(z.object({ run: runId }))
    .output(type<string | null>()),
};

/** The schedulers that jobs can be submitted to, each in its own file. */
import { type Partition, SCHEDULER_KINDS, type SchedulerFacts, type SchedulerKind } from './facts.ts';
import { pbs } from './pbs.ts';
import type { JobRequest, Scheduler } from './scheduler.ts';
import { sge } from './sge.ts';
import { slurm } from './slurm.ts';
import { limitSeconds } from './time-limit.ts';

export const SCHEDULERS: Record<SchedulerKind, Scheduler> = { slurm, pbs, sge };

const all = SCHEDULER_KINDS.map((kind) => SCHEDULERS[kind]);

/** "Slurm over ssh", or "ssh". */
export function wayOf(facts: { scheduler: SchedulerFacts | null } | null | undefined): string {
  return facts?.scheduler ? `${SCHEDULERS[facts.scheduler.kind].title} over ssh` : 'ssh';
}

/** Why a scheduler cannot be asked for a job; null where it can. */
export function refusalOf(kind: SchedulerKind, job: JobRequest): string | null {
  const { title, options, refusal } = SCHEDULERS[kind];
  const { lines: _, atOnce: __, ...asked } = job;
  const unknown = Object.entries(asked).filter(([key, value]) => value !== null && !(key in options));
  if (unknown.length > 0) return `${title} does not take ${unknown.map(([key]) => key).join(', ')}`;
  return refusal(job);
}

/** The partitions, or queues, that a job may run in. */
export function partitionsOf(
  job: Pick<JobRequest, 'partition'>,
  { partitions }: SchedulerFacts,
): Partition[] {
  const names = job.partition?.split(',');
  return partitions.filter(({ name, isDefault }) => names?.includes(name) ?? isDefault);
}

/** The time after which a job is ended, in seconds, as far as that is known; else infinite. */
export function secondsOf(job: Pick<JobRequest, 'partition' | 'time'>, facts: SchedulerFacts): number {
  const limits = partitionsOf(job, facts).map(({ timeLimit }) => limitSeconds(timeLimit));
  return Math.min(limitSeconds(job.time), ...limits);
}

/** Why a job waits, in our words; empty where we have none. */
export function waitWords(reason: string | null): string {
  if (reason === null) return '';
  return all.flatMap(({ reasons }) => reasons).find(([said]) => said.test(reason))?.[1] ?? '';
}

/** The scheduler that does not answer, by what one of its programs has said. */
export function silentScheduler(said: string): Scheduler | null {
  return all.find(({ silent }) => silent.test(said)) ?? null;
}

/** The scheduler that has as many jobs of its user as it takes at once, by what one of its programs has said. */
export function fullScheduler(said: string): Scheduler | null {
  return all.find(({ full }) => full.test(said)) ?? null;
}

/** The environment of their programs, of that of the user. */
export function schedulerEnvironment(usual: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const without = all.flatMap(({ environment }) => environment.without);
  const kept = Object.entries(usual).filter(([name]) => !without.some((start) => name.startsWith(start)));
  return Object.assign(Object.fromEntries(kept), ...all.map(({ environment }) => environment.with));
}

/** How long one may take to answer a probe: of another one the programs may be there, and never end. */
const PROBE_SECONDS = 10;

/** Lines of a shell that say which scheduler a host has: the first one of them. */
export const PROBE = [
  `limited() { if command -v timeout >/dev/null; then timeout -k 1 ${PROBE_SECONDS} "$@"; else "$@"; fi; }`,
  ...SCHEDULER_KINDS.map(
    (kind) => `[ -n "$kind" ] || {
said=$(limited sh <<'PROBE'
${SCHEDULERS[kind].probe}
PROBE
)
[ -z "$said" ] || { kind=${kind}; echo "kind ${kind}"; echo "$said"; }
}`,
  ),
].join('\n');

/** What that has said. */
export function schedulerFacts(allOf: (word: string) => string[]): SchedulerFacts | null {
  const kind = SCHEDULER_KINDS.find((one) => allOf('kind').includes(one));
  return kind === undefined ? null : { kind, ...SCHEDULERS[kind].facts(allOf) };
}

/** The lines of a check, from what was found. */
import type { Host, HostCheckLine, HostFacts, HostJob, HostRemedy } from '../../../core/api/hosts.ts';
import { duration } from '../../../core/documents/format.ts';
import { terminalQuote } from '../../../core/names.ts';
import { isSameKind, processorNames } from '../../../core/processor-kinds.ts';
import type { SchedulerFacts } from '../../../core/schedulers/facts.ts';
import { partitionsOf, refusalOf, SCHEDULERS } from '../../../core/schedulers/schedulers.ts';
import { limitSeconds } from '../../../core/schedulers/time-limit.ts';
import type { ResolvedHost } from '../ssh/connection.ts';
import type { ComparedMachine, Machine } from './machine.ts';

export type Said = Pick<HostCheckLine, 'state' | 'text'> & Partial<HostCheckLine>;

const LEAST_FREE = 5 * 2 ** 30;
/** Times of events are the host's own. */
const MOST_SKEW = 60;
/** Losses that are further apart, as a share, are not those of another order of adding up. */
const MOST_APART = 1e-3;

export function connectionLine({ user, hostname }: ResolvedHost, facts: HostFacts, ms: number): Said {
  const text = `${user}@${hostname}, through your ssh config and agent`;
  const aside = `${Math.round(ms)} ms`;
  const { clockSkewSeconds: skew } = facts;
  if (Math.abs(skew) <= MOST_SKEW) return { state: 'ok', text, aside };
  const way = `${duration(Math.abs(skew))} ${skew > 0 ? 'ahead of' : 'behind'} this machine's`;
  return { state: 'note', text: `${text}; its clock is ${way}, and times of a run are the host's`, aside };
}

export function schedulerLine(host: Host, { scheduler, endsAtLogout }: HostFacts): Said {
  if (scheduler === null && endsAtLogout) {
    const text =
      'none, and its system ends what you started once nobody is logged in: run "loginctl enable-linger" there';
    return { state: 'note', text };
  }
  if (scheduler === null) return { state: 'ok', text: 'none; runs start at once, one at a time' };
  const { title, options } = SCHEDULERS[scheduler.kind];
  const refusal = refusalOf(scheduler.kind, host.job);
  if (refusal !== null) return { state: 'problem', text: refusal };
  const names = host.job.partition?.split(',') ?? [];
  const known = scheduler.partitions.map(({ name }) => name);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    const text = `there is no ${options.partition?.toLowerCase()} ${unknown.join(', ')}; choose from ${known.join(', ')}`;
    const remedy = known.length > 0 ? change(host, `Use ${known[0]}`, { partition: known[0] }) : null;
    return { state: 'problem', text, remedy };
  }
  const source = scheduler.accounting ? '' : ' without accounting, so it soon forgets old jobs';
  const used = partitionsOf(host.job, scheduler).map(({ name, nodes, cores, gres }) =>
    [nodes > 0 ? `${name} has ${nodes} nodes of ${cores} cores` : name, ...(gres ? [gres] : [])].join(
      ' and ',
    ),
  );
  return { state: 'ok', text: [`${title} ${scheduler.version}${source}`, ...used].join('; ') };
}

export function spaceLine({ name }: Host, { freeBytes, root }: HostFacts): Said {
  const text = `${gigabytes(freeBytes)} free in ${root}`;
  if (freeBytes >= LEAST_FREE) return { state: 'ok', text };
  const command = `tessera host clean ${name}`;
  return { state: 'note', text, remedy: { title: 'Clean up', command, action: { does: 'clean' } } };
}

export function timeLine(host: Host, { scheduler }: HostFacts): Said {
  const used = scheduler ? partitionsOf(host.job, scheduler) : [];
  const limits = used.map(({ timeLimit }) => limitSeconds(timeLimit));
  const [chosen, limit] = [limitSeconds(host.job.time), Math.min(...limits)];
  const names = used.map(({ name }) => name).join(', ');
  if (scheduler && chosen > limit && host.job.time !== null) {
    const time = used[limits.indexOf(limit)].timeLimit;
    const remedy = change(host, `Ask for ${time}`, { time });
    return { state: 'problem', text: `${host.job.time} is more than ${names} allows`, remedy };
  }
  const shortest = Math.min(chosen, limit);
  if (shortest === Number.POSITIVE_INFINITY)
    return { state: 'ok', text: names === '' ? 'none' : `none on ${names}` };
  const text = `${duration(shortest)}${names === '' ? '' : ` on ${names}`}; ${longerRuns(scheduler)}`;
  // Of nodes of the same kind.
  const hasGpus = used.some(({ gres }) => gres !== null);
  const longer = scheduler?.partitions.find(
    ({ timeLimit, gres }) => limitSeconds(timeLimit) > limit && (gres !== null) === hasGpus,
  );
  if (chosen < limit || longer === undefined) return { state: 'ok', text };
  return { state: 'note', text, remedy: change(host, `Use ${longer.name}`, { partition: longer.name }) };
}

const longerRuns = (scheduler: SchedulerFacts | null) =>
  scheduler && SCHEDULERS[scheduler.kind].script.requeue === null
    ? 'longer runs keep what they reached, and continue when you resume them'
    : 'longer runs continue by themselves';

export function gpuLine(host: Host, { cores, memoryBytes, scheduler }: HostFacts, machine: Machine): Said {
  const { devices, gpus, node: aside } = machine;
  const fails = (chosen: Machine['devices']) => chosen.map(({ id, detail }) => `${id}: ${detail}`).join('; ');
  const broken = devices.filter(({ usable }) => !usable);
  if (broken.length === devices.length)
    return { state: 'problem', text: `no device works: ${fails(broken)}`, aside };
  const fast = devices.filter(({ id, preferred }) => preferred && id !== 'cpu').map(({ id }) => id);
  const found = [...Map.groupBy(gpus, (name) => name)].map(([name, all]) =>
    all.length > 1 ? `${all.length} × ${name}` : name,
  );
  if (found.length > 0) {
    const names = found.join(', ');
    if (fast.length > 0) return { state: 'ok', text: `${names}, used by ${fast.join(' and ')}`, aside };
    return { state: 'note', text: `${names}, but no device uses it; ${fails(broken)}`, aside };
  }
  const offering = scheduler && partitionsOf(host.job, scheduler).find(({ gres }) => gres?.includes('gpu'));
  if (offering && host.job.gpus === null) {
    const text = `none requested; ${offering.name} has ${offering.gres}`;
    return { state: 'note', text, aside, remedy: change(host, 'Ask for a GPU', { gpus: '1' }) };
  }
  const others = fast.length > 0 ? `; ${fast.join(' and ')} works` : '';
  const size = scheduler ? '' : ` with ${cores} cores and ${gigabytes(memoryBytes)}`;
  return { state: 'ok', text: `none; runs train on its CPU${size}${others}`, aside };
}

export function numbersLine(here: ComparedMachine, there: ComparedMachine): Said {
  const kinds = [there.processor, here.processor] as const;
  const [thereName, hereName] = processorNames(kinds);
  const kind = isSameKind(...kinds)
    ? `the same kind of CPU, ${hereName}`
    : `another kind of CPU, ${thereName} there and ${hereName} here`;
  if (there.numbers.digest === here.numbers.digest) {
    return { state: 'ok', text: `a small training has the same bits as here, on ${kind}` };
  }
  const apart = here.numbers.losses.map(
    (loss, at) => Math.abs(there.numbers.losses[at] - loss) / Math.abs(loss),
  );
  if (!(Math.max(...apart) < MOST_APART))
    return { state: 'problem', text: `a small training gives other numbers than here, on ${kind}` };
  return { state: 'note', text: `${kind}: the last digits of a run may differ` };
}

export function internetLine({ internet, node: aside }: Machine): Said {
  return { state: 'ok', text: `${internet ? 'there' : 'none'}, and not needed: all is sent over ssh`, aside };
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(bytes < 1e10 ? 1 : 0)} GB`;
}

/** Other options of jobs, as the option of the command that each is. */
function change({ name }: Host, title: string, job: Partial<HostJob>): HostRemedy {
  const options = Object.entries(job).map(([key, value]) => `--${key} ${terminalQuote(String(value))}`);
  const command = ['tessera host add', name, ...options].join(' ');
  return { title, command, action: { does: 'add', changes: { name, job } } };
}

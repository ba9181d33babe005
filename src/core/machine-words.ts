/** A machine that trains: what is said of it, in the window and in a terminal. */

import { isAway, pendingWords, queueAt, timeSince } from './away-words.ts';
import { standsAt } from './clock/facts.ts';
import { hostVerdict } from './host-words.ts';
import { countText } from './names.ts';
import { wayOf } from './schedulers/schedulers.ts';
import type { MachineActivity } from './store/home/hosts.ts';
import type { ActiveRunState, QueueState, WaitingRun } from './store/runs/queue-state.ts';
import type { OwnRun } from './store/types.ts';

const DAY_MS = 24 * 3_600_000;

/** What a host says of itself, as far as words need it. */
interface SaidOfHost {
  name: string;
  job: { partition: string | null; time: string | null };
  report: (Parameters<typeof hostVerdict>[0] & { facts: HostFacts | null }) | null;
}
type HostFacts = NonNullable<Parameters<typeof wayOf>[0]> & { gpus: readonly string[]; cores: number };

export interface MachineOf<Host extends SaidOfHost> {
  /** Empty for this one. */
  name: string;
  title: string;
  host: Host | null;
  /** Nothing new begins there. */
  paused: boolean;
  /** What it has, in words; empty for this one. */
  about: string;
  /** Of those that it has: which train, of which nothing is heard, and which are on their way or wait in its own queue. */
  live: ActiveRunState[];
  training: ActiveRunState[];
  silent: ActiveRunState[];
  waiting: WaitingRun[];
  /** How many wait, there or here. */
  waits: number;
  /** Those that ended unfinished in the last 24 hours, unless they were cancelled. */
  failed: OwnRun[];
  activity: MachineActivity;
}

const NOTHING: MachineActivity = { trained: [], silent: [], refused: [], completed: 0, toEnd: 0 };

/** This machine first, then the hosts by name. */
export function machinesOf<Host extends SaidOfHost>(
  hosts: readonly Host[],
  queue: QueueState,
  activity: Record<string, MachineActivity>,
  now: number,
): MachineOf<Host>[] {
  const here = { name: '', title: 'This machine', host: null, about: '' };
  const others = hosts.map((host) => ({ name: host.name, title: host.name, host, about: aboutHost(host) }));
  return [here, ...others].map((machine) => {
    const { running, waiting, resumable } = queueAt(queue, machine.name);
    const silent = running.filter(({ place }) => place?.phase === 'unreachable');
    const training = running.filter(({ place }) => !isAway(place));
    const coming = running.filter((one) => !silent.includes(one) && !training.includes(one));
    const failed = resumable.filter(
      ({ status, endedAt }) => status !== 'cancelled' && (endedAt ?? 0) > now - DAY_MS,
    );
    return {
      ...machine,
      paused: standsAt(queue, machine.name),
      ...{ live: [...training, ...silent, ...coming], training, silent, waiting, failed },
      waits: coming.length + waiting.length,
      activity: activity[machine.name] ?? NOTHING,
    };
  });
}

/** "ssh · NVIDIA A10", "Slurm · gpu-short, 4:00:00", "ssh · 32 cores" */
function aboutHost({ report, job }: SaidOfHost): string {
  const facts = report?.facts;
  if (!facts) return 'ssh';
  const parts = facts.scheduler
    ? [job.partition, job.time].filter(Boolean).join(', ')
    : facts.gpus.length > 0
      ? facts.gpus[0]
      : countText(facts.cores, 'core');
  return [wayOf(facts), parts].filter(Boolean).join(' · ');
}

export interface MachineState {
  is: 'asks' | 'silent' | 'trains' | 'paused' | 'waits' | 'unready' | 'idle';
  words: string;
  /** A sentence. */
  meaning: string;
}

/** How a machine is. Silence is no failure, and one that asks its user has given nothing up. */
export function stateOf(machine: MachineOf<SaidOfHost>, now: number): MachineState {
  const { host, paused, training, silent, waits } = machine;
  const asks = silent.find(({ place }) => place?.asksUser)?.place;
  const after = 'It is tried again at least every 10 minutes, and nothing is given up.';
  if (asks) return { is: 'asks', words: 'Asks you', meaning: `${sentence(asks.detail)} ${after}` };
  const place = silent[0]?.place;
  if (place) {
    const time = timeSince(place.heardAt ?? place.since, now);
    const meaning = `${sentence(place.detail)} What trains there may continue; nothing is lost.`;
    return { is: 'silent', words: `No contact ${time}`, meaning };
  }
  if (training.length > 0)
    return {
      is: 'trains',
      words: `${training.length} running${paused ? ', paused' : ''}`,
      meaning: paused
        ? 'It trains, and is heard of; nothing new begins there.'
        : 'It trains, and is heard of.',
    };
  if (paused)
    return { is: 'paused', words: 'Paused', meaning: 'No run of the queue begins until it is resumed.' };
  if (waits > 0)
    return { is: 'waits', words: `${waits} waiting`, meaning: 'Its runs are on their way, or wait.' };
  const { fact, limit } = hostVerdict(host?.report ?? null);
  const isReady = host === null || (host.report !== null && fact === 'is ready');
  if (isReady)
    return {
      is: 'idle',
      words: 'Idle',
      meaning: `Nothing trains or waits ${host === null ? 'here' : 'there'}.`,
    };
  const words = host.report === null ? 'Not checked' : 'Not ready';
  return { is: 'unready', words, meaning: `It ${fact}${limit ? `, ${limit}` : ''}.` };
}

const sentence = (text: string | null) => (text === null ? '' : `${text}${text.endsWith('.') ? '' : '.'}`);

/** "lab-gpu trains 2 runs", and behind it what else there is to say. */
export function machineStatement(machine: MachineOf<SaidOfHost>, now: number): [fact: string, limit: string] {
  const { title, paused, training, silent, waits } = machine;
  const { is, words } = stateOf(machine, now);
  const stopping = training.filter((one) => pendingWords(one) !== null).length;
  const limit = [
    stopping > 0 ? `${stopping} ${stopping === 1 ? 'is' : 'are'} to stop` : '',
    silent.length > 0 ? `${silent.length} without contact` : '',
    waits > 0 ? `${waits} ${waits === 1 ? 'waits' : 'wait'}` : '',
    paused ? 'nothing new begins' : '',
  ];
  const rest = limit.filter((part) => part !== '').join(', ');
  const there = `${countText(silent.length, 'run')} may continue there${paused ? ', and nothing new begins' : ''}`;
  if (is === 'asks') return [`${title} asks you`, there];
  if (is === 'silent') return [words.replace('No contact', `No contact with ${title} for`), there];
  if (is === 'trains') return [`${title} trains ${countText(training.length, 'run')}`, rest];
  if (is === 'paused') return [`${title} is paused`, rest];
  if (is === 'waits') return [`${title} trains nothing yet`, rest];
  return [`${title} ${is === 'idle' ? 'is idle' : hostVerdict(machine.host?.report ?? null).fact}`, ''];
}

/** When any run of it was heard of last, Unix milliseconds. */
export function heardAt({ live }: MachineOf<SaidOfHost>): number | null {
  const times = live.flatMap(({ place }) => place?.heardAt ?? []);
  return times.length > 0 ? Math.max(...times) : null;
}

/** A tile of 10 minutes, four rows of six hours, the last one now. */
export type DayTile = 'trained' | 'silent' | 'idle' | 'now';
const TILE_MS = 600_000;
const TILES = 144;

/** The last 24 hours; a tile is silent where most of it was, and trained where any of it was. */
export function dayTiles({ trained, silent }: MachineActivity, now: number): DayTile[] {
  const shared = (spans: MachineActivity['silent'], from: number) =>
    spans.reduce(
      (sum, span) =>
        sum + Math.max(0, Math.min(from + TILE_MS, span.to ?? now, now) - Math.max(from, span.from)),
      0,
    );
  return Array.from({ length: TILES }, (_, at) => {
    const from = now - (TILES - at) * TILE_MS;
    if (shared(silent, from) > TILE_MS / 2) return 'silent';
    if (shared(trained, from) === 0) return 'idle';
    return at === TILES - 1 && trained.some(({ to }) => to === null) ? 'now' : 'trained';
  });
}

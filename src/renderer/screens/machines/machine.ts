/** A machine that trains: what its list and its page say of it. */
import type { Host, MachineActivity } from '../../../core/api/hosts.ts';
import { hostVerdict, wayOf } from '../../../core/api/hosts.ts';
import type { ActiveRunState, QueueState, WaitingRun } from '../../../core/api/queue.ts';
import type { OwnRun } from '../../../core/api/runs.ts';
import type { SystemInfo } from '../../../core/api/settings.ts';
import { bytesText, countText } from '../../format/format.ts';
import { isAway, pendingWords, queueAt, timeSince } from '../../runs/away.ts';

const DAY_MS = 24 * 3_600_000;

export interface Machine {
  /** Empty for this one. */
  name: string;
  title: string;
  host: Host | null;
  /** What it has, in words. */
  about: string;
  /** Of which something is heard and which train. */
  training: ActiveRunState[];
  /** On their way, or waiting in its own queue. */
  coming: ActiveRunState[];
  silent: ActiveRunState[];
  waiting: WaitingRun[];
  /** Those that ended unfinished in the last 24 hours, unless they were cancelled. */
  failed: OwnRun[];
  activity: MachineActivity;
}

const NOTHING: MachineActivity = { trained: [], silent: [], refused: [], completed: 0, toEnd: 0 };

/** This machine first, then the hosts by name. */
export function machinesOf(
  hosts: readonly Host[],
  queue: QueueState,
  activity: Record<string, MachineActivity>,
  system: SystemInfo,
  now: number,
): Machine[] {
  const about = `${countText(system.threads, 'thread')}, ${bytesText(system.memoryBytes)}`;
  const here = { name: '', title: 'This machine', host: null, about };
  const others = hosts.map((host) => ({ name: host.name, title: host.name, host, about: aboutHost(host) }));
  return [here, ...others].map((machine) => {
    const { running, waiting, resumable } = queueAt(queue, machine.name);
    const silent = running.filter(({ place }) => place?.phase === 'unreachable');
    const heard = running.filter((one) => !silent.includes(one));
    const failed = resumable.filter(
      ({ status, endedAt }) => status !== 'cancelled' && (endedAt ?? 0) > now - DAY_MS,
    );
    return {
      ...machine,
      ...{ training: heard.filter(({ place }) => !isAway(place)), silent, waiting, failed },
      coming: heard.filter(({ place }) => isAway(place)),
      activity: activity[machine.name] ?? NOTHING,
    };
  });
}

/** "ssh · NVIDIA A10", "Slurm · gpu-short, 4:00:00", "ssh · 32 cores" */
function aboutHost({ report, job }: Host): string {
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
  is: 'asks' | 'silent' | 'trains' | 'waits' | 'unready' | 'idle';
  words: string;
  /** A sentence. */
  meaning: string;
}

/** How a machine is. Silence is no failure, and one that asks its user has given nothing up. */
export function stateOf(machine: Machine, now: number): MachineState {
  const { host, training, coming, silent, waiting } = machine;
  const asks = silent.find(({ place }) => place?.asksUser)?.place;
  const after = 'It is tried again at least every 10 minutes, and nothing is given up.';
  if (asks) return { is: 'asks', words: 'Asks you', meaning: `${sentence(asks.detail)} ${after}` };
  const place = silent[0]?.place;
  if (place) {
    const time = timeSince(place.heardAt ?? place.since, now);
    const meaning = `${sentence(place.detail)} What trains there may go on; nothing is lost.`;
    return { is: 'silent', words: `No contact ${time}`, meaning };
  }
  const waits = coming.length + waiting.length;
  if (training.length > 0)
    return { is: 'trains', words: `${training.length} running`, meaning: 'It trains, and is heard of.' };
  if (waits > 0)
    return { is: 'waits', words: `${waits} waiting`, meaning: 'Its runs are on their way, or wait.' };
  const { fact, limit } = hostVerdict(host?.report ?? null);
  const isReady = host === null || (host.report !== null && fact === 'is ready');
  if (isReady) return { is: 'idle', words: 'Idle', meaning: 'Nothing trains there or waits for it.' };
  const words = host.report === null ? 'Not checked' : 'Not ready';
  return { is: 'unready', words, meaning: `It ${fact}${limit ? `, ${limit}` : ''}.` };
}

const sentence = (text: string | null) => (text === null ? '' : `${text}${text.endsWith('.') ? '' : '.'}`);

/** "lab-gpu trains 2 runs", and behind it what else there is to say. */
export function machineStatement(machine: Machine, now: number): [fact: string, limit: string] {
  const { title, training, coming, silent, waiting } = machine;
  const { is, words } = stateOf(machine, now);
  const waits = coming.length + waiting.length;
  const stopping = training.filter((one) => pendingWords(one) !== null).length;
  const limit = [
    stopping > 0 ? `${stopping} ${stopping === 1 ? 'is' : 'are'} to stop` : '',
    silent.length > 0 ? `${silent.length} without contact` : '',
    waits > 0 ? `${waits} ${waits === 1 ? 'waits' : 'wait'}` : '',
  ];
  const rest = limit.filter((part) => part !== '').join(', ');
  const there = `${countText(silent.length, 'run')} may go on there`;
  if (is === 'asks') return [`${title} asks you`, there];
  if (is === 'silent') return [words.replace('No contact', `No contact with ${title} for`), there];
  if (is === 'trains') return [`${title} trains ${countText(training.length, 'run')}`, rest];
  if (is === 'waits') return [`${title} trains nothing yet`, rest];
  return [`${title} ${is === 'idle' ? 'is idle' : hostVerdict(machine.host?.report ?? null).fact}`, ''];
}

/** When any run of it was heard of last, Unix milliseconds. */
export function heardAt({ training, coming, silent }: Machine): number | null {
  const times = [...training, ...coming, ...silent].flatMap(({ place }) => place?.heardAt ?? []);
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

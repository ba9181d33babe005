/** What is said of a run on another machine, in the window and in a terminal. */
import { queueCounts, standsAt } from './clock/facts.ts';
import { aboutText, countsText, untilText } from './clock/words.ts';
import { countText } from './names.ts';
import { waitWords } from './schedulers/schedulers.ts';
import type { QueueState } from './store/runs/queue-state.ts';
import type { RunCheckpoint } from './store/runs/run-details.ts';
import { phaseOf, type RunState } from './store/runs/run-life.ts';
import type { AttemptRecord, RunRecord } from './store/types.ts';
import type { PlaceState } from './training/place.ts';

export type AwayPhase = Exclude<PlaceState['phase'], 'running'>;
export type AwayState = PlaceState & { phase: AwayPhase };

/** The other machine that trains a run, or is to; null for this one. */
export const hostOf = (run: RunRecord) => (run.kind === 'own' ? run.place : null);

/** The queue of one machine, which is empty for this one; all of it where that is null. Runs of other programs are of none. */
export function queueAt(queue: QueueState, where: string | null): QueueState {
  if (where === null) return queue;
  const isThere = (run: RunRecord) => run.kind === 'own' && (run.place ?? '') === where;
  return {
    ...queue,
    running: queue.running.filter(({ run }) => isThere(run)),
    waiting: queue.waiting.filter(({ run }) => isThere(run)),
    resumable: queue.resumable.filter(isThere),
  };
}

/** "lab is paused": why a run that waits does not begin; null where that is not why. */
export const pausedText = (queue: Pick<QueueState, 'pausedMachines'>, place: string | null) =>
  standsAt(queue, place) ? `${place ?? 'This machine'} is paused` : null;

/** "2 running, 3 waiting, 1 without contact" */
export const queueText = (queue: Pick<QueueState, 'running' | 'waiting'>) => countsText(queueCounts(queue));

/** What the page of a run has of where it is. */
interface Told {
  run: RunRecord;
  live: PlaceState | null;
  attempts: readonly Pick<AttemptRecord, 'lastPlace'>[];
}

/** Where a run stands on another machine, or stood when it ended. */
export function placeOf({ run, live, attempts }: Told): PlaceState | null {
  return phaseOf(run.status) === 'ended' ? (attempts.at(-1)?.lastPlace ?? null) : live;
}

/** A run that does not train there yet, or of which nothing is heard. */
export function isAway(place: PlaceState | null): place is AwayState {
  return place !== null && place.phase !== 'running';
}

export const AWAY_WORDS: Record<AwayPhase, string> = {
  sending: 'Sending',
  submitted: 'Submitted',
  pending: 'Pending',
  unreachable: 'No contact',
  fetching: 'Fetching',
};

/** Why it waits, in our words; empty where we have none. */
export function reasonWords({ detail, ahead }: PlaceState): string {
  const words = waitWords(detail);
  if (words === waitWords('Priority') && ahead) {
    return ahead === 1 ? '1 job has a higher priority' : `${countText(ahead, 'job')} have a higher priority`;
  }
  return words;
}

/** "PENDING (Priority)" */
export function pendingWord({ detail }: PlaceState): string {
  return detail === null ? 'PENDING' : `PENDING (${detail})`;
}

/** Since when it waits, which its scheduler knows also of a job that another session has submitted, or since when nothing was heard. */
function waitsSince({ phase, since, submittedAt, heardAt }: PlaceState): number {
  if (phase === 'unreachable') return heardAt ?? since;
  return phase === 'pending' ? (submittedAt ?? since) : since;
}

/** "18 s", "14 min", "2 h" since then. */
export const timeSince = (then: number, now: number) => aboutText(Math.max(1, (now - then) / 1000));

/** For how long it waits, or nothing was heard. */
export const awayTime = (place: PlaceState, now: number) => timeSince(waitsSince(place), now);

const NOTHING_LOST = 'the job may still run; nothing is lost';

/** The fact, and behind it why. */
export function awayStatement(place: AwayState, host: string, now: number): [fact: string, limit: string] {
  const time = awayTime(place, now);
  const statements: Record<AwayPhase, [string, string]> = {
    sending: [`On its way to ${host}`, place.detail ?? ''],
    submitted: [`Submitted to ${host}`, 'the cluster has not said yet when it starts'],
    pending: [`Waiting on ${host} for ${time}`, reasonWords(place)],
    unreachable: [`No contact with ${host} for ${time}`, NOTHING_LOST],
    fetching: [`Ended on ${host}`, 'what it made is on its way here'],
  };
  return statements[place.phase];
}

/** In the words of the machine, and what it expects: a guess, since other jobs end early or are put before it. */
export function awayNumbers(
  place: AwayState,
  { name, scheduler }: { name: string; scheduler: string | null },
  seconds: number | null,
  now: number,
): string {
  const { phase, job, detail, startsAt } = place;
  if (phase === 'unreachable') return detail ?? '';
  const said = phase === 'pending' ? pendingWord(place) : '';
  const where = [name, job && `${scheduler ?? ''} job ${job}`.trim(), said].filter(Boolean).join(' · ');
  const training = seconds === null ? '' : `; then about ${aboutText(seconds)}`;
  if (phase !== 'pending' || startsAt === null || startsAt < now) return `${where}.`;
  return `${where}. ${scheduler ?? 'The cluster'} expects a start about ${untilText(startsAt, now)}, which is a guess${training}.`;
}

/** In a line of the queue: what stands first, and behind it. */
export function awayLine(place: AwayState, now: number): [fact: string, rest: string] {
  const { phase, detail, ahead } = place;
  if (phase === 'pending') {
    const since = `since ${untilText(waitsSince(place), now)}`;
    const before = ahead ? `${countText(ahead, 'job')} before it` : reasonWords({ ...place, ahead: null });
    return [pendingWord(place), before === '' ? since : `${before}, ${since}`];
  }
  if (phase === 'unreachable') {
    return [
      `No contact for ${awayTime(place, now)}`,
      `The host does not answer. The job may still run; nothing is lost.`,
    ];
  }
  return [AWAY_WORDS[phase], detail ?? ''];
}

/** What was requested of a run on another machine and has not been obeyed there: "Pending: stop"; null where nothing is. */
export function pendingWords({ run, state }: { run: RunRecord; state: RunState | null }): string | null {
  if (hostOf(run) === null) return null;
  if (state === 'finishing') return 'Pending: stop after epoch';
  return state === 'stopping' ? 'Pending: stop' : null;
}

/** Whether it failed before it began on its machine: nothing of it was trained there. */
export const isRefused = ({ status }: RunRecord, place: PlaceState | null) =>
  status === 'failed' && place?.starts === 0;

/** What would be lost if its machine vanished now. `saved`: the last epoch whose checkpoint is here; `reached`: the one it is in. */
export function lossText(host: string, saved: number | null, reached: number | null): string {
  if (saved === null) return `If ${host} vanished now, training would start again: nothing of it is here.`;
  const since = saved + 1;
  const lost =
    reached === null || reached < since
      ? 'what it trained since would be lost'
      : `${reached === since ? `epoch ${since}` : `epochs ${since} to ${reached}`} would be lost`;
  return `If ${host} vanished now, training here would continue from epoch ${saved}: ${lost}.`;
}

/** The last epoch of a run whose checkpoint is here; null where none is. */
export const savedEpoch = ({ checkpoints }: { checkpoints: readonly Pick<RunCheckpoint, 'epoch'>[] }) =>
  checkpoints.length > 0 ? Math.max(...checkpoints.map(({ epoch }) => epoch)) : null;

export interface CourseStep {
  text: string;
  /** ended: it was here when it ended, without a result. saved: a checkpoint came here. gap: nothing was heard. pending: requested. */
  state: 'done' | 'now' | 'open' | 'ended' | 'saved' | 'gap' | 'pending';
  /** When it was done, or is expected. */
  time: string;
}

interface CourseOptions {
  host: string;
  isCluster: boolean;
  createdAt: number;
  /** When its sending began; null while it waits in the queue here. */
  sentAt: number | null;
  epochs: number | null;
  /** How it ended; null while it goes on. */
  end: { completed: boolean; words: string; at: number | null } | null;
  /** What was requested and not obeyed yet. */
  pending: string | null;
  now: number;
}

/** What has become of a run on another machine, and what is to come. `place`: where it stands, or stood last; null where it waits in the queue here. */
export function courseOf(place: PlaceState | null, options: CourseOptions): CourseStep[] {
  const { host, isCluster, createdAt, sentAt, epochs, end, pending, now } = options;
  const at = (time: number | null | undefined, word = '') => (time ? `${word}${untilText(time, now)}` : '');
  const {
    phase = end ? 'running' : 'queued',
    job = null,
    detail = null,
    node = null,
    starts = 0,
  } = place ?? {};
  const { submittedAt, startsAt, endsAt } = place ?? {};
  const reason = detail === null ? '' : `: ${detail}`;
  // One of which nothing is heard is where it was seen last.
  const trains = phase === 'running' || (phase === 'unreachable' && job === null && starts > 0);
  const seen = phase === 'queued' ? 0 : phase === 'sending' ? 1 : trains ? 5 : job || isCluster ? 3 : 1;
  const reached = end?.completed ? 7 : seen;
  const waits =
    phase === 'pending' ? `Pending${reason}` : reached > 3 ? 'Waited for a node' : 'Waits for a node';
  const again = starts > 1 ? `, ${starts} times` : '';
  const steps: [stage: number, text: string, time: string][] = [
    [0, reached > 0 ? 'Written to the queue' : 'Waits in the queue here', at(createdAt)],
    [1, reached > 1 ? `Sent to ${host}` : `Sent to ${host}${phase === 'sending' ? reason : ''}`, at(sentAt)],
    ...(isCluster
      ? ([
          [2, job ? `Submitted as ${job}` : 'Submitted', at(submittedAt)],
          [3, waits, reached === 3 && place ? at(waitsSince(place), 'since ') : ''],
        ] as [number, string, string][])
      : []),
    [
      4,
      reached > 4 ? `Started${node ? ` on ${node}` : ''}${again}` : isCluster ? 'Starts on a node' : 'Starts',
      reached > 4 ? at(startsAt) : at(startsAt, 'about '),
    ],
    [
      5,
      reached > 5 ? 'Trained' : epochs === null ? 'Trains' : `Trains, up to ${countText(epochs, 'epoch')}`,
      reached > 5 ? '' : at(endsAt, 'until '),
    ],
    [6, 'Results copied back', at(end?.at)],
  ];
  const shown = end ? steps.filter(([stage]) => stage <= reached) : steps;
  return shown.flatMap(([stage, text, time]): CourseStep[] => {
    const state = stage < reached ? 'done' : stage === reached ? 'now' : 'open';
    const before = stage === 5 && place ? heardOf(place, now) : [];
    const after: CourseStep[] =
      stage === reached && pending !== null ? [{ text: pending, state: 'pending', time: '' }] : [];
    if (end && state === 'now')
      return [...before, { text: end.words, state: 'ended', time: at(end.at) }, ...after];
    if (state !== 'now' || phase !== 'unreachable') return [...before, { text, state, time }, ...after];
    const silent = at(place && waitsSince(place), 'since ');
    return [...before, { text: 'No contact', state: 'gap', time: silent }, ...after];
  });
}

/** The checkpoints that came here, and when nothing was heard, in the order of time. */
function heardOf({ saved = [], gaps = [] }: PlaceState, now: number): CourseStep[] {
  const events = [
    ...saved.map(([epoch, at]) => ({
      at,
      text: `Epoch ${epoch} saved here`,
      state: 'saved' as const,
      to: null,
    })),
    ...gaps.map(([at, to]) => ({
      at,
      text: `No contact for ${timeSince(at, to)}`,
      state: 'gap' as const,
      to,
    })),
  ];
  return events
    .sort((one, other) => one.at - other.at)
    .map(({ at, to, ...step }) => {
      const time = untilText(at, now);
      return { ...step, time: to === null ? time : `${time} to ${untilText(to, now)}` };
    });
}

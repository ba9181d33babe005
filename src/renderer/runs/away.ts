/** What is said of a run on another machine. */
import type { PlaceState } from '../../core/api/queue.ts';
import type { RunRecord } from '../../core/api/runs.ts';
import { countText, shortTime, untilText } from '../format/format.ts';

export type AwayPhase = Exclude<PlaceState['phase'], 'running'>;
export type AwayState = PlaceState & { phase: AwayPhase };

/** The other machine that trains a run, or is to; null for this one. */
export const hostOf = (run: RunRecord) => (run.kind === 'own' ? run.place : null);

/** A run that does not train there yet, or of which nothing is heard. */
export function isAway(place: PlaceState | null): place is AwayState {
  return place !== null && place.phase !== 'running';
}

export const AWAY_WORDS: Record<AwayPhase, string> = {
  sending: 'Sending',
  submitted: 'Submitted',
  pending: 'Pending',
  unreachable: 'No contact',
};

/** Slurm's reasons by how they begin, in our words. */
const REASONS: readonly (readonly [reason: RegExp, words: string])[] = [
  [/^Priority/, 'other jobs have a higher priority'],
  [/^Resources/, 'it is the next one once enough is free'],
  [/^(QOS|Assoc)MaxJobs|^JobArrayTaskLimit/, 'you may run no more jobs at a time'],
  [/^(QOS|Assoc)/, 'your account has reached a limit'],
  [/^PartitionTimeLimit/, 'it asks for more time than the partition allows'],
  [/^(ReqNodeNotAvail|Partition|Nodes?Down|Reservation)/, 'the nodes that it could use are not available'],
  [/^BeginTime/, 'it was stopped, and starts again in a moment'],
  [/^JobHeld/, 'the job is held'],
  [/^Dependency/, 'another job comes first'],
];

/** Why Slurm has it wait, in our words; empty where we have none. */
export function reasonWords({ detail, ahead }: PlaceState): string {
  if (detail?.startsWith('Priority') && ahead) {
    return ahead === 1 ? '1 job has a higher priority' : `${countText(ahead, 'job')} have a higher priority`;
  }
  return REASONS.find(([reason]) => detail !== null && reason.test(detail))?.[1] ?? '';
}

/** "PENDING (Priority)" */
export function slurmWord({ detail }: PlaceState): string {
  return detail === null ? 'PENDING' : `PENDING (${detail})`;
}

/** Since when it waits: Slurm knows it also of a job that another session has submitted. */
export const waitsSince = ({ phase, since, submittedAt }: PlaceState) =>
  phase === 'pending' ? (submittedAt ?? since) : since;

const NOTHING_LOST = 'the job may still run; nothing is lost';

/** The fact, and behind it why. */
export function awayStatement(place: AwayState, host: string, now: number): [fact: string, limit: string] {
  const time = shortTime(Math.max(0, now - waitsSince(place)) / 1000);
  switch (place.phase) {
    case 'pending':
      return [`Waiting on ${host} for ${time}`, reasonWords(place)];
    case 'submitted':
      return [`Submitted to ${host}`, 'Slurm has not said yet when it starts'];
    case 'sending':
      return [`On its way to ${host}`, place.detail ?? ''];
    case 'unreachable':
      return [`No word from ${host} for ${time}`, NOTHING_LOST];
  }
}

/** In the words of the machine, and what it expects: a guess, since other jobs end early or are put before it. */
export function awayNumbers(place: AwayState, host: string, seconds: number | null, now: number): string {
  const { phase, job, detail, startsAt } = place;
  if (phase === 'unreachable') return detail ?? '';
  const said = phase === 'pending' ? slurmWord(place) : '';
  const where = [host, job && `slurm ${job}`, said].filter(Boolean).join(' · ');
  const training = seconds === null ? '' : `; then about ${shortTime(seconds)}`;
  if (phase !== 'pending' || startsAt === null || startsAt < now) return `${where}.`;
  return `${where}. Slurm expects a start about ${untilText(startsAt, now)}, which is a guess${training}.`;
}

/** In a line of the queue: what stands first, and behind it. */
export function awayLine(place: AwayState, now: number): [fact: string, rest: string] {
  const { phase, detail, ahead } = place;
  if (phase === 'pending') {
    const since = `since ${untilText(waitsSince(place), now)}`;
    const before = ahead ? `${countText(ahead, 'job')} before it` : reasonWords({ ...place, ahead: null });
    return [slurmWord(place), before === '' ? since : `${before}, ${since}`];
  }
  if (phase === 'unreachable') {
    const time = shortTime(Math.max(0, now - place.since) / 1000);
    return [`No word for ${time}`, `The host does not answer. The job may still run; nothing is lost.`];
  }
  return [AWAY_WORDS[phase], detail ?? ''];
}

export interface CourseStep {
  text: string;
  state: 'done' | 'now' | 'open';
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
  now: number;
}

/** What has become of a run on another machine, and what is to come. `place` is null where it waits in the queue here. */
export function courseOf(place: PlaceState | null, options: CourseOptions): CourseStep[] {
  const { host, isCluster, createdAt, sentAt, epochs, now } = options;
  const at = (time: number | null | undefined, word = '') => (time ? `${word}${untilText(time, now)}` : '');
  const { phase = 'queued', job = null, detail = null, node = null, starts = 0 } = place ?? {};
  const { submittedAt, startsAt, endsAt } = place ?? {};
  const reason = detail === null ? '' : `: ${detail}`;
  // One of which nothing is heard is where it was seen last.
  const trains = phase === 'running' || (phase === 'unreachable' && job === null && starts > 0);
  const reached = phase === 'queued' ? 0 : phase === 'sending' ? 1 : trains ? 5 : job || isCluster ? 3 : 1;
  const waits = phase === 'pending' ? `Pending${reason}` : 'Waits for a node';
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
    [5, epochs === null ? 'Trains' : `Trains, at most ${countText(epochs, 'epoch')}`, at(endsAt, 'until ')],
    [6, 'Results copied back', ''],
  ];
  return steps.map(([stage, text, time]) => {
    const state = stage < reached ? 'done' : stage === reached ? 'now' : 'open';
    if (state !== 'now' || phase !== 'unreachable') return { text, state, time };
    return { text: `No contact${reason}`, state, time: at(place?.since, 'since ') };
  });
}

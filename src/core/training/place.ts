/** Where a training on another machine stands. */
export interface PlaceState {
  /** sending: what it needs is on its way. fetching: it has ended, and what it made is on its way here. unreachable: the host does not answer, and the training may continue there. */
  phase: 'sending' | 'submitted' | 'pending' | 'running' | 'unreachable' | 'fetching';
  /** Of a cluster, such as "48213" or "48214_7". */
  job: string | null;
  /** What is being sent, why the job waits in its scheduler's words, or why the host does not answer. */
  detail: string | null;
  /** The machine of the cluster. */
  node: string | null;
  /** Where it waits, the scheduler's guess of its start; where it runs, when its time limit ends it; Unix milliseconds. */
  startsAt: number | null;
  endsAt: number | null;
  /** When it was given to the cluster. */
  submittedAt: number | null;
  /** Where it waits, how many jobs of its partition have a higher priority. */
  ahead: number | null;
  /** How often the job was started. */
  starts: number;
  /** Since when it is in this phase, as far as this program knows, and when the host last answered. */
  since: number;
  heardAt: number | null;
  /** It does not answer until its user has done something: loaded a key, compared the key of the host. */
  asksUser?: boolean;
  /** From when to when nothing was heard, and the epochs whose checkpoints came here and when; the newest of each, Unix milliseconds. */
  gaps?: (readonly [from: number, to: number])[];
  saved?: (readonly [epoch: number, at: number])[];
}

/** Of a place, how many gaps and saved checkpoints are remembered. */
export const REMEMBERED = 20;
/** A shorter silence is none, in milliseconds. */
export const SILENCE_MS = 60_000;

/** In one line: "pending (Priority), job 48213". */
export function placeText({ phase, job, detail, node }: PlaceState): string {
  const where = [job && `job ${job}`, node && `on ${node}`].filter(Boolean).join(' ');
  return [detail ? `${phase} (${detail})` : phase, where].filter((part) => part !== '').join(', ');
}

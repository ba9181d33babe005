/** What happens to a run on a host, and what must come of it: played in a simulated world and on real servers. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { cancelRuns, releaseRun, trainRunHere } from '../../src/core/store/runs/queue-requests.ts';
import { phaseOf } from '../../src/core/store/runs/run-life.ts';
import type { Store } from '../../src/core/store/store.ts';
import type { JobOptions } from '../../src/core/training/job-options.ts';

export type HostKind = 'box' | 'cluster';

type Act = () => void | Promise<void>;

/** What befalls a desktop, a host, and a run that trains there, each in its own way in every world. */
export interface Acts {
  'the desktop opens': Act;
  'the desktop is killed': Act;
  'the line is cut': Act;
  'the line is back': Act;
  'the key is refused': Act;
  'the key is accepted': Act;
  'its disk is full': Act;
  'its disk has room': Act;
  /** Once it has a checkpoint; until it goes on it does nothing, and hears nothing. */
  'it is stopped in its middle': Act;
  'it goes on': Act;
  'its trainer is killed': Act;
  /** It saves what it has reached, and waits again. */
  'it is preempted': Act;
  'it reaches its time limit': Act;
  'its job is requeued': Act;
  'its node goes down': Act;
  'its job is cancelled there': Act;
}

export interface ScenarioWorld {
  /** The home of the desktop, as another program has it open. */
  readonly store: Store;
  /** Tessera's folder on the host. */
  readonly root: string;
  readonly acts: Acts;
  /** Queues the run for the host; returns its id. */
  add(job: JobOptions | undefined): string;
  until(isSo: () => boolean): Promise<void>;
}

interface At extends ScenarioWorld {
  run: string;
}

const runsIn = ({ root }: ScenarioWorld) => {
  const folder = join(root, 'runs');
  return existsSync(folder) ? readdirSync(folder) : [];
};
const statusOf = ({ store, run }: At) => store.runs.get(run).status;
const hasThere = (at: At, file: string) =>
  at.until(() =>
    runsIn(at).some((name) => name.startsWith(at.run) && existsSync(join(at.root, 'runs', name, file))),
  );

/** What the user does, and what is waited for: the same in every world. */
const WORDS = {
  'the user cancels it': ({ store, run }: At) => cancelRuns(store, [run]),
  'the user resumes it': ({ store, run }: At) => releaseRun(store, run),
  'the user takes it home': ({ store, run }: At) => trainRunHere(store, run),
  'its trainer is asked to stop': (at: At) => hasThere(at, 'events.jsonl.request'),
  'it has ended there': (at: At) => hasThere(at, 'exit-code'),
  'its host is said to be out of reach': (at: At) =>
    at.until(() => at.store.runs.attempts(at.run).at(-1)?.lastPlace?.phase === 'unreachable'),
  'its result is stored': (at: At) =>
    at.until(() => Object.keys(at.store.runs.get(at.run).metrics).length > 0),
  'it is cancelled': (at: At) => at.until(() => statusOf(at) === 'cancelled'),
  'it has failed': (at: At) => at.until(() => statusOf(at) === 'failed'),
} satisfies Record<string, (at: At) => void | Promise<void>>;

type Step = keyof Acts | keyof typeof WORDS;

export interface Scenario {
  /** What comes of it. */
  name: string;
  on: readonly HostKind[];
  /** Before it is queued. */
  before?: readonly (keyof Acts)[];
  steps: readonly Step[];
  status?: 'cancelled';
  /** Default: one. */
  attempts?: number;
  /** The last attempt goes on from what the first has reached. Default: where there are two, it may. */
  goesOn?: boolean;
  isHome?: boolean;
  job?: JobOptions;
}

const BOTH = ['box', 'cluster'] as const;
const CLUSTER = ['cluster'] as const;
const MIDDLE = 'it is stopped in its middle';

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'trains on while its host is out of reach, and nothing of it is lost or doubled',
    on: BOTH,
    steps: [
      MIDDLE,
      'the line is cut',
      'it goes on',
      'it has ended there',
      'its host is said to be out of reach',
      'the line is back',
    ],
  },
  {
    name: 'trains on while its host refuses the key',
    on: BOTH,
    steps: [
      MIDDLE,
      'the key is refused',
      'it goes on',
      'it has ended there',
      'its host is said to be out of reach',
      'the key is accepted',
    ],
  },
  {
    name: 'is found at its end by a desktop that opens while the line is cut',
    on: BOTH,
    steps: [
      MIDDLE,
      'the desktop is killed',
      'the line is cut',
      'it goes on',
      'it has ended there',
      'the desktop opens',
      'its host is said to be out of reach',
      'the line is back',
    ],
  },
  {
    name: 'has trained once where its desktop is killed between its result and its end',
    on: BOTH,
    steps: ['its result is stored', 'the desktop is killed', 'the desktop opens'],
  },
  {
    name: 'goes on from its checkpoint where its trainer is killed',
    on: BOTH,
    steps: [MIDDLE, 'its trainer is killed'],
    ...{ attempts: 2, goesOn: true },
  },
  {
    name: 'stops where it was cancelled while the line was cut, and goes on where it is resumed',
    on: BOTH,
    steps: [
      MIDDLE,
      'the line is cut',
      'the user cancels it',
      'its host is said to be out of reach',
      'the line is back',
      'its trainer is asked to stop',
      'it goes on',
      'it is cancelled',
      'the user resumes it',
    ],
    ...{ attempts: 2, goesOn: true },
  },
  {
    name: 'is ended by the next desktop where it was cancelled and its host did not answer',
    on: BOTH,
    steps: [
      MIDDLE,
      'the line is cut',
      'the user cancels it',
      'it is cancelled',
      'the desktop is killed',
      'the line is back',
      'the desktop opens',
    ],
    status: 'cancelled',
  },
  {
    name: 'comes home with what it has reached, and goes on there',
    on: BOTH,
    steps: [MIDDLE, 'the user takes it home', 'its trainer is asked to stop', 'it goes on'],
    ...{ attempts: 2, goesOn: true, isHome: true },
  },
  {
    name: 'goes on where a disk that was full has room again',
    on: ['box'],
    before: ['its disk is full'],
    steps: ['it has failed', 'its disk has room', 'the user resumes it'],
    attempts: 2,
  },
  {
    name: 'goes on by itself where its job is requeued',
    on: CLUSTER,
    steps: [MIDDLE, 'its job is requeued'],
  },
  {
    name: 'goes on on another node where its own is down',
    on: CLUSTER,
    steps: [MIDDLE, 'its node goes down'],
  },
  {
    name: 'goes on after it has made room for a job of a higher partition',
    on: CLUSTER,
    steps: [MIDDLE, 'it is preempted'],
    job: { lines: ['#SBATCH --exclusive', '#SBATCH --nodes=2'] },
  },
  {
    name: 'saves what it has reached before its time limit, and goes on',
    on: CLUSTER,
    steps: [MIDDLE, 'it reaches its time limit'],
    job: { time: '2' },
  },
  {
    name: 'is cancelled where its job is cancelled on the cluster',
    on: CLUSTER,
    steps: [MIDDLE, 'its job is cancelled there'],
    status: 'cancelled',
  },
];

/** What has come of a run. */
export interface Outcome {
  run: string;
  status: string;
  attempts: number;
  goesOn: boolean;
  isHome: boolean;
  /** Null where it has none. */
  result: { metrics: Record<string, number>; series: [metric: string, steps: number[]][] } | null;
  /** Lines of its journal that were damaged, or twice there. */
  damaged: string[];
}

export function outcomeOf(store: Store, id: string): Outcome {
  const run = store.runs.own(id);
  const attempts = store.runs.attempts(id);
  const series = store.series
    .list(id)
    .map(({ metric }): [string, number[]] => [metric, [...store.series.read(id, metric).steps]]);
  const isWhole = run.status === 'completed';
  return {
    ...{ run: id, status: run.status, attempts: attempts.length },
    goesOn: attempts.length > 1 && (attempts.at(-1)?.fromStep ?? 0) > 0,
    isHome: run.place === null,
    result: isWhole ? { metrics: run.metrics, series } : null,
    damaged: store.logs.list(id).flatMap(({ message }) => (message.includes('damaged') ? [message] : [])),
  };
}

/** What must come of it; `whole`: of a run that nothing befell. */
export function expectedOf({ status, attempts, goesOn, isHome }: Scenario, whole: Outcome): Partial<Outcome> {
  return {
    ...{ status: status ?? 'completed', attempts: attempts ?? 1 },
    ...(goesOn || !attempts ? { goesOn: goesOn ?? false } : {}),
    isHome: isHome ?? false,
    ...{ result: status ? null : whole.result, damaged: [] },
  };
}

/** Resolves once it is over, and nothing of it is left on its host. */
export async function playScenario(
  world: ScenarioWorld,
  { before = [], steps, job }: Scenario,
): Promise<Outcome> {
  await world.acts['the desktop opens']();
  for (const step of before) await world.acts[step]();
  const at: At = { ...world, run: world.add(job) };
  for (const step of steps)
    await (step in WORDS ? WORDS[step as keyof typeof WORDS](at) : world.acts[step as keyof Acts]());
  await world.until(() => phaseOf(statusOf(at)) === 'ended' && runsIn(world).length === 0);
  return outcomeOf(world.store, at.run);
}

/** How trainers are started and watched on another machine. */
import type { JobOptions } from '../../../core/training/job-options.ts';
import type { PlaceState } from '../../../core/training/place.ts';
import type { SshConnection } from '../ssh/connection.ts';
import { Gathered } from './gathered.ts';

/** What is known of a trainer there. */
export interface TrainerStatus {
  /** As far as it has been started, or is to be. */
  place: PlaceState;
  /** Where it has ended, and no more comes behind what its journal has: how, where that does not say it. */
  ended: {
    exitCode: number | null;
    outcome: 'interrupted' | 'cancelled' | 'out-of-memory';
    detail: string | null;
  } | null;
}

export interface Launcher {
  /** Starts a command in its folder, on a cluster as the options of its run say. Called again after a lost connection, it starts nothing more. */
  launch(folder: string, command: readonly string[], slurm?: JobOptions): Promise<void>;
  status(folder: string, signal: AbortSignal): Promise<TrainerStatus>;
  /** Ends it at once, or keeps it from being started. */
  kill(folder: string): Promise<void>;
}

export const PLACE: PlaceState = {
  phase: 'running',
  job: null,
  detail: null,
  node: null,
  startsAt: null,
  endsAt: null,
  submittedAt: null,
  ahead: null,
  starts: 1,
  since: 0,
  heardAt: null,
};

export const SENDING: PlaceState = { ...PLACE, phase: 'sending', starts: 0 };

/**
 * "$1" the folder, then the command. Its exit code goes to a file; what starts a process is remembered with the process, as
 * a number alone is given to another one later.
 */
const LAUNCH = `cd "$1" || exit 1
shift
mkdir begun 2>/dev/null || exit 0
nohup sh -c '"$@" >> output.log 2>&1 & child=$!
echo "$child $(ps -o lstart= -p "$child")" > pid.part && mv pid.part pid
trap "kill -TERM $child 2>/dev/null" TERM HUP
code=0
while kill -0 "$child" 2>/dev/null; do wait "$child"; code=$?; done
echo "$code" > exit-code.part && mv exit-code.part exit-code' sh "$@" > /dev/null 2>&1 < /dev/null &`;

/** Whether the process that "pid" in this folder tells of is still the one with its number, which is then in "child". */
const LIVES = `lives() {
  [ -f pid ] && read -r child began < pid &&
    [ "$(ps -o lstart= -p "$child" | sed 's/^ *//')" = "$(echo "$began" | sed 's/^ *//')" ]
}`;

/** Says of each folder, a line of stdin, what has become of it: "ended CODE", "runs", "lost" or "never". */
const STATUS = `${LIVES}
say() {
cd "$1" 2>/dev/null || { echo never; return; }
if [ -f exit-code ]; then echo "ended $(cat exit-code)"
elif [ -f pid ]; then
  if lives; then echo runs
  elif [ -f exit-code ]; then echo "ended $(cat exit-code)"; else echo lost; fi
elif [ -d begun ]; then
  if [ -n "$(find begun -mmin +1)" ]; then echo lost; else echo runs; fi
else echo never; fi
}
while IFS= read -r folder; do say "$folder" < /dev/null; done`;

/** How often a host is asked, for all its runs at once. */
const EVERY_MS = 1_000;

const KILL = `${LIVES}
cd "$1" 2>/dev/null || exit 0
mkdir begun 2>/dev/null
lives && kill -KILL "$child" 2>/dev/null
true`;

/** Processes of the host itself. */
export class ProcessLauncher implements Launcher {
  readonly #connection: SshConnection;
  readonly #statuses = new Gathered((folders: string[]) => this.#askAll(folders), EVERY_MS);

  constructor(connection: SshConnection) {
    this.#connection = connection;
  }

  async launch(folder: string, command: readonly string[]): Promise<void> {
    await this.#connection.run({ what: 'starting the training', script: LAUNCH, args: [folder, ...command] });
  }

  async status(folder: string, signal: AbortSignal): Promise<TrainerStatus> {
    const [word, code] = (await this.#statuses.ask(folder, signal)).split(' ');
    if (word === 'runs') return { place: PLACE, ended: null };
    const exitCode = code === undefined ? null : Number(code);
    return { place: PLACE, ended: { exitCode, outcome: 'interrupted', detail: null } };
  }

  async #askAll(folders: readonly string[]): Promise<string[]> {
    const stdin = folders.map((folder) => `${folder}\n`).join('');
    const asked = { what: 'asking for trainings', script: STATUS, stdin, timeoutMs: 60_000 };
    return (await this.#connection.run(asked)).trim().split('\n');
  }

  async kill(folder: string): Promise<void> {
    await this.#connection.run({ what: 'ending the training', script: KILL, args: [folder] });
  }
}

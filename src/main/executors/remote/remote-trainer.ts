import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { messageOf } from '../../../core/errors.ts';
import { type JournalRequest, readToEnd } from '../../../core/training/journal.ts';
import type { PlaceState } from '../../../core/training/place.ts';
import { GOES_ON } from '../../workers/serve-trainings.ts';
import { exitOf, type WorkerExit } from '../../workers/worker-exit.ts';
import { canceller } from '../canceller.ts';
import type { LeftTraining, TrainerListener, TrainerWorker } from '../executor.ts';
import type { SshConnection } from '../ssh/connection.ts';
import { commandError, SshError } from '../ssh/ssh-error.ts';
import { putText } from '../ssh/transfer.ts';
import { LEAST_BYTES, type RemoteJournals } from './journals.ts';
import { type Launcher, SENDING, type TrainerStatus } from './launcher.ts';
import { fetchRun, folderOf, JOURNAL, type RemoteFolder, removeRun } from './run-files.ts';

export interface RemoteHost {
  connection: SshConnection;
  launcher: Launcher;
  journals: RemoteJournals;
  /** Tessera's folder there. */
  root: string;
}

/** Its `journal` is the copy here. */
export interface RemoteTrainerOptions extends LeftTraining {
  /** Name of the run's folder there. */
  name: string;
  /** Connects to the host. */
  connect(): Promise<RemoteHost>;
  /** Sends what it needs and starts it; null where that was done before. */
  begin:
    | ((host: RemoteHost, onSending: (detail: string) => void, signal: AbortSignal) => Promise<void>)
    | null;
  /** Called before it is ended there. Returns what to call afterwards: where it has not ended, it is to be ended later. */
  onEnding(): (hasEnded: boolean) => void;
  pollMs: number;
  graceMs: number;
  /** Between two looks, or two tries. Default: by the clock of this machine. */
  pause?(ms: number, signal: AbortSignal): Promise<unknown>;
}

const WAITING: readonly PlaceState['phase'][] = ['submitted', 'pending'];
/** Between two tries to reach a host that does not answer. */
const RETRY_MS = 5_000;
/** Between two tries of what its user has to mend first, such as a key that is refused; each wait is twice the one before. */
const ASKS_MS = { first: 15_000, longest: 600_000 };

const pauseByClock = (ms: number, signal: AbortSignal) => wait(ms, undefined, { signal });

/** A training on another machine: its journal is copied here, and read as that of a training here. */
export class RemoteTrainer implements TrainerWorker {
  readonly ended: Promise<WorkerExit>;
  readonly #options: RemoteTrainerOptions;
  readonly #listener: TrainerListener;
  readonly #abort = new AbortController();
  readonly #cancelling;
  #host: RemoteHost | null = null;
  #place: PlaceState;
  #killedBecause: string | null = null;
  #detached = false;
  #hasBegun: boolean;
  #request: JournalRequest | null = null;
  #wake = () => {};
  #ending: WorkerExit | null;
  /** How much of the journal is copied, and how much of that is read. */
  #copied: number;
  #read: number;

  constructor(options: RemoteTrainerOptions, listener: TrainerListener) {
    this.#options = options;
    this.#listener = listener;
    this.#copied = options.offset;
    this.#read = options.offset;
    this.#ending = options.ending;
    this.#hasBegun = options.begin === null;
    this.#place = options.place ?? SENDING;
    if (options.place) listener.onPlace(options.place);
    this.#cancelling = canceller(
      () => this.#ask('stop'),
      (because) => this.kill(because),
      options.graceMs,
    );
    this.ended = this.#work().finally(() => this.#cancelling.settle());
  }

  stopAfterEpoch(): void {
    this.#ask('stopAfterEpoch');
  }

  cancel(): void {
    // What has not been started needs no time to stop.
    if (this.#place.phase === 'running' || this.#place.phase === 'unreachable') this.#cancelling.cancel();
    else {
      this.#cancelling.requested = true;
      this.kill('cancelled before it began');
    }
  }

  kill(because: string): void {
    this.#killedBecause ??= because;
    this.#abort.abort();
  }

  detach(): void {
    this.#detached = true;
    this.#abort.abort();
  }

  look(): void {
    this.#wake();
  }

  #ask(request: JournalRequest): void {
    this.#request = request;
    // What fails now is passed on with the next look.
    if (this.#host) this.#passOn(this.#host).catch(() => {});
    this.#wake();
  }

  async #passOn({ connection, root }: RemoteHost): Promise<void> {
    const request = this.#request;
    if (request === null) return;
    const folder = folderOf({ root, name: this.#options.name });
    await putText(connection, request, `${folder}/${JOURNAL}.request`);
    if (this.#request === request) this.#request = null;
  }

  /** Waits for the next look, which comes at once where something is asked. */
  async #pause(ms = this.#options.pollMs): Promise<void> {
    const asked = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    const { pause = pauseByClock } = this.#options;
    await Promise.race([asked, pause(ms, this.#abort.signal)]);
  }

  async #work(): Promise<WorkerExit> {
    try {
      const { begin, name } = this.#options;
      if (begin) {
        await this.#insist((host) =>
          begin(
            host,
            (detail) => this.#tell({ ...this.#place, phase: 'sending', detail }),
            this.#abort.signal,
          ),
        );
        this.#hasBegun = true;
      }
      this.#readCopied();
      const ended = this.#ending ? null : await this.#follow();
      let why: string | null = null;
      await this.#insist(async ({ connection, launcher, root }) => {
        const place: RemoteFolder = { root, name };
        // A job that ended without a word might be started once more.
        if (!this.#ending) {
          await launcher.kill(folderOf(place));
          why = ended && (await lastWords(connection, place, ended.exitCode));
        }
        await fetchRun(connection, place, dirname(this.#options.journal), { signal: this.#abort.signal });
        await removeRun(connection, place);
      });
      return this.#ending ?? exitWithout(ended, why);
    } catch (error) {
      if (this.#detached) return new Promise(() => {});
      if (this.#killedBecause !== null) return this.#killed(this.#killedBecause);
      // What of it was sent goes once the host answers.
      if (this.#host) this.#options.onEnding()(false);
      return { kind: 'failed', message: messageOf(error, 'window'), log: null };
    }
  }

  /** Ends it there, and keeps what it has reached. */
  async #killed(because: string): Promise<WorkerExit> {
    const kind = this.#cancelling.requested ? 'cancelled' : 'killed';
    const host = this.#host;
    // It was never sent.
    if (host === null && this.#options.begin) return { kind, message: because, log: null };
    const settle = this.#options.onEnding();
    try {
      if (host === null) throw new Error('its host has not answered');
      const place = { root: host.root, name: this.#options.name };
      await host.launcher.kill(folderOf(place));
      await this.#copyNew(host, folderOf(place));
      await fetchRun(host.connection, place, dirname(this.#options.journal), {});
      await removeRun(host.connection, place);
      // What was on its way may still arrive.
      settle(this.#place.phase !== 'sending');
      return { kind, message: because, log: null };
    } catch (error) {
      settle(false);
      const later = `it ends there once its host answers: ${messageOf(error, 'window')}`;
      return { kind, message: `${because}; ${later}`, log: null };
    }
  }

  /** Reads on until the training has ended. */
  async #follow(): Promise<TrainerStatus['ended']> {
    for (let before = false; ; ) {
      const { ended } = await this.#insist((host) => this.#look(host));
      // Asked twice: a job that is requeued has ended for a moment.
      if (this.#ending || (ended && before)) return ended;
      before = ended !== null;
      await this.#pause();
    }
  }

  /** One look: what was asked is passed on, how it stands is asked, and what it has written since is copied. */
  async #look(host: RemoteHost): Promise<TrainerStatus> {
    const { launcher, root } = host;
    const folder = folderOf({ root, name: this.#options.name });
    await this.#passOn(host);
    const status = await launcher.status(folder, this.#abort.signal);
    const waits = WAITING.includes(status.place.phase) && status.place.phase === this.#place.phase;
    this.#tell(status.place);
    // Who waits writes nothing.
    if (!waits || status.ended) await this.#copyNew(host, folder, this.#abort.signal);
    return status;
  }

  /** Copies what the journal there has beyond the copy. */
  async #copyNew({ journals }: RemoteHost, folder: string, signal?: AbortSignal): Promise<void> {
    for (;;) {
      const bytes = await journals.read(`${folder}/${JOURNAL}`, this.#copied, signal);
      if (bytes.length > 0) this.#copy(bytes);
      // Less than is read at once: that was all.
      if (bytes.length < LEAST_BYTES) return;
    }
  }

  /** At the place where they are there: another program may copy the same. */
  #copy(bytes: Buffer): void {
    const { journal } = this.#options;
    mkdirSync(dirname(journal), { recursive: true, mode: 0o700 });
    closeSync(openSync(journal, 'a', 0o600));
    const copy = openSync(journal, 'r+');
    try {
      // A disk that is nearly full takes a part.
      for (let done = 0; done < bytes.length; )
        done += writeSync(copy, bytes, done, bytes.length - done, this.#copied + done);
    } finally {
      closeSync(copy);
    }
    this.#copied += bytes.length;
    this.#readCopied();
  }

  /** What is here is told: at first, what an earlier host has copied. */
  #readCopied(): void {
    for (const part of readToEnd(this.#options.journal, this.#read)) {
      this.#read = part.offset;
      if (part.ending) this.#ending = exitOf(part.ending);
      this.#listener.onReport(part);
    }
    this.#copied = Math.max(this.#copied, this.#read);
  }

  /**
   * Does something there, again and again while the host cannot be reached. Once the training has begun nothing else ends the
   * trying either: it goes on there whatever fails on the way, and only its user can give it up.
   */
  async #insist<T>(work: (host: RemoteHost) => Promise<T>): Promise<T> {
    for (let asksMs = ASKS_MS.first; ; ) {
      try {
        this.#host ??= await this.#options.connect();
        return await work(this.#host);
      } catch (error) {
        const isPassing = error instanceof SshError && error.isPassing;
        if (this.#abort.signal.aborted || (!isPassing && !this.#hasBegun)) throw error;
        this.#tell({ ...this.#place, phase: 'unreachable', detail: messageOf(error, 'window') });
        await this.#pause(isPassing ? RETRY_MS : asksMs);
        if (!isPassing) asksMs = Math.min(2 * asksMs, ASKS_MS.longest);
      }
    }
  }

  /** Tells the listener only what has changed, so that lists are not redrawn at every look. */
  #tell(place: PlaceState): void {
    const before = this.#place;
    const isSamePhase = place.phase === before.phase;
    const now: PlaceState = {
      ...place,
      since: isSamePhase ? before.since : Date.now(),
      heardAt: place.phase === 'unreachable' ? before.heardAt : Date.now(),
      // Slurm forgets them before the job's end is heard.
      submittedAt: place.submittedAt ?? before.submittedAt,
      startsAt: place.startsAt ?? (isSamePhase ? before.startsAt : null),
    };
    this.#place = now;
    const same = (Object.keys(now) as (keyof PlaceState)[]).every(
      (key) =>
        key === 'since' ||
        key === 'heardAt' ||
        now[key] === before[key] ||
        (key === 'endsAt' && isNear(now[key], before[key])),
    );
    if (!same) this.#listener.onPlace(now);
  }
}

const LAST_WORDS = `cd "$1" || exit 0
tail -c 4000 output.log 2>/dev/null
df -Pk . | awk 'NR == 2 && $4 < 64 {print "No space left on device"}'`;

/** What is known of a training that ended by itself without its journal saying why; null where nothing is. */
async function lastWords(
  connection: SshConnection,
  place: RemoteFolder,
  exitCode: number | null,
): Promise<string | null> {
  if (exitCode === 0 || exitCode === GOES_ON) return null;
  const asked = { what: 'looking for the reason', script: LAST_WORDS, args: [folderOf(place)] };
  const said = (await connection.run(asked)).trim();
  return said === ''
    ? null
    : messageOf(commandError(connection.host, 'the training', exitCode ?? 1, said), 'window');
}

/** Counted from the seconds that are left, a time is not the same twice. */
function isNear(a: number | null, b: number | null): boolean {
  return a !== null && b !== null && Math.abs(a - b) < 10_000;
}

/** Of a training that did not say how it ended. */
function exitWithout(ended: TrainerStatus['ended'], why: string | null): WorkerExit {
  if (why !== null) return { kind: 'failed', message: why, log: null };
  const { exitCode = null, outcome: kind = 'interrupted', detail = null } = ended ?? {};
  const how =
    exitCode === GOES_ON
      ? 'was stopped, and can go on'
      : exitCode === null
        ? 'ended without a word'
        : `ended with exit code ${exitCode}`;
  return { kind, message: detail ?? `the training there ${how}`, log: null };
}

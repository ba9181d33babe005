import { dirname, relative, sep } from 'node:path';
import { Backoff } from '../../../core/backoff.ts';
import { messageOf } from '../../../core/errors.ts';
import type { Clock } from '../../../core/machine.ts';
import type { JournalRequest } from '../../../core/training/journal.ts';
import { type PlaceState, REMEMBERED, SILENCE_MS } from '../../../core/training/place.ts';
import type { SeenRun } from '../../workers/agent/questions.ts';
import { GOES_ON } from '../../workers/serve-trainings.ts';
import { exitOf, OUT_OF_MEMORY, type WorkerExit } from '../../workers/worker-exit.ts';
import { canceller } from '../canceller.ts';
import type { LeftTraining, TrainerListener, TrainerWorker } from '../executor.ts';
import { commandError, SshError } from '../ssh/ssh-error.ts';
import { ATTEMPT_LIFE, type AttemptPhase } from './attempt-life.ts';
import { endThere, type HostLink } from './host-link.ts';
import type { HostWatch } from './host-watch.ts';
import { JournalCopy } from './journal-copy.ts';
import { NewestCheckpoint } from './newest-checkpoint.ts';
import { fetchFiles } from './run-files.ts';
import { PLACE, SENDING, type TrainerStatus } from './status.ts';
import { untilAborted } from './until-aborted.ts';

/** What a training that is being started tells. */
export interface Launch {
  onSending(detail: string): void;
  /** From now on it may have begun. */
  onLaunch(): void;
  signal: AbortSignal;
}

/** Its `journal` is the copy here. */
export interface RemoteTrainerOptions extends LeftTraining {
  /** Name of the run's folder there. */
  name: string;
  link: HostLink;
  watch: HostWatch;
  clock: Clock;
  /** Sends what it needs and starts it; null where that was done before. */
  begin: ((to: Launch) => Promise<void>) | null;
  /** It could not be ended there, or what was on its way may still arrive: it is to be ended later. */
  onLeft(): Promise<void>;
  graceMs: number;
}

/** Two presses that are closer are one. */
const AGAIN_MS = 2_000;

/** How a trainer was seen to have ended. */
interface SeenEnd {
  run: SeenRun;
  ended: NonNullable<TrainerStatus['ended']>;
}

/** A training on another machine: its journal is copied here, and read as that of a training here. */
export class RemoteTrainer implements TrainerWorker {
  readonly ended: Promise<WorkerExit>;
  readonly #options: RemoteTrainerOptions;
  readonly #listener: TrainerListener;
  #abort = new AbortController();
  readonly #cancelling;
  readonly #copy: JournalCopy;
  readonly #newest: NewestCheckpoint;
  /** As it is told. */
  #place: PlaceState;
  /** What it was at when it was last heard of. */
  #phase: AttemptPhase;
  #killedBecause: string | null = null;
  #detached = false;
  #request: JournalRequest | null = null;
  /** When it was asked to stop after its end. */
  #keptAt: number | null = null;
  #begins = false;
  /** Whether this try to begin has come to where the host is asked to start it. */
  #isAsked = false;
  #ending: WorkerExit | null;
  #wake = () => {};

  constructor(options: RemoteTrainerOptions, listener: TrainerListener) {
    const { journal, offset, link, name, clock } = options;
    this.#options = options;
    this.#listener = listener;
    const onSaved = (epoch: number) => {
      const saved = [...(this.#place.saved ?? []), [epoch, clock.now()] as const].slice(-REMEMBERED);
      this.#tell({ ...this.#place, saved });
    };
    this.#newest = new NewestCheckpoint({ link, name, runDir: dirname(journal), clock, onSaved });
    this.#copy = new JournalCopy(journal, offset, (part) => {
      if (part.ending) this.#ending = exitOf(part.ending);
      for (const event of part.events)
        if (event.type === 'checkpoint' && event.checkpoint.kind === 'last')
          this.#newest.is(
            relative(dirname(journal), event.checkpoint.path).replaceAll(sep, '/'),
            event.checkpoint.epoch,
          );
      listener.onReport(part);
    });
    this.#ending = options.ending;
    this.#phase = options.begin ? 'sending' : 'running';
    this.#place = options.place ?? { ...(options.begin ? SENDING : PLACE), since: clock.now() };
    listener.onPlace(this.#place);
    const kill = (because: string) => this.kill(because);
    this.#cancelling = canceller(() => this.#ask('stop'), kill, options.graceMs, clock);
    this.ended = this.#guarded(() => this.#work()).finally(() => this.#cancelling.settle());
  }

  stopAfterEpoch(): void {
    this.#ask('stopAfterEpoch');
  }

  goOn(): void {
    this.#ask('goOn');
  }

  cancel(): void {
    const { stop } = ATTEMPT_LIFE[this.#phase];
    if (stop === 'keep') this.#giveUpFetch();
    else if (stop === 'ask' || this.#cancelling.requested) this.#cancelling.cancel();
    else {
      this.#cancelling.requested = true;
      this.kill('cancelled before it began');
    }
  }

  /** What it made would go with its host: only who asks once more, and means it, does without. */
  #giveUpFetch(): void {
    const now = this.#options.clock.elapsed();
    this.#keptAt ??= now;
    if (now - this.#keptAt > AGAIN_MS) this.kill('given up while it was fetched');
  }

  kill(because: string): void {
    this.#killedBecause ??= because;
    this.#abort.abort();
  }

  takeBack(): boolean {
    // Once it is being ended there, nothing goes on.
    if (this.#request !== 'stop' || this.#killedBecause !== null) return false;
    this.#request = null;
    this.#cancelling.takeBack();
    return true;
  }

  detach(): void {
    this.#detached = true;
    this.#abort.abort();
  }

  look(): void {
    this.#options.watch.lookNow();
    this.#wake();
  }

  #ask(request: JournalRequest): void {
    this.#request = request;
    this.look();
  }

  async #work(): Promise<WorkerExit> {
    const { begin } = this.#options;
    this.#begins = begin !== null;
    if (begin) await this.#begin(begin);
    this.#begins = false;
    this.#copy.readOn();
    const end = this.#ending ? null : await this.#follow();
    return this.#fetch(end);
  }

  /** Whatever stops the work, the training has an end. */
  async #guarded(work: () => Promise<WorkerExit>): Promise<WorkerExit> {
    try {
      return await work();
    } catch (error) {
      if (this.#detached) return new Promise(() => {});
      if (this.#killedBecause !== null) {
        const exit = await this.#killed(this.#killedBecause);
        // What was on its way may still arrive.
        if (this.#begins) await this.#options.onLeft();
        return exit;
      }
      // What of it was sent goes once the host answers.
      await this.#options.onLeft();
      return { kind: 'failed', message: messageOf(error, 'window'), log: null };
    }
  }

  async #begin(begin: NonNullable<RemoteTrainerOptions['begin']>): Promise<void> {
    const { signal } = this.#abort;
    // Once it may have begun, what is sent again changes nothing of that.
    const onSending = (detail: string) => this.#tell({ ...this.#place, phase: this.#phase, detail });
    const onLaunch = () => {
      this.#isAsked = true;
      this.#tell({ ...this.#place, phase: 'submitted', detail: null });
    };
    await this.#insist(() => {
      this.#isAsked = false;
      return begin({ onSending, onLaunch, signal });
    });
  }

  /** Reads on until the training has ended. Null where its journal says how. */
  async #follow(): Promise<SeenEnd | null> {
    const { promise, resolve } = Promise.withResolvers<SeenEnd | null>();
    let endedBefore = false;
    const unfollow = this.#options.watch.follow({
      name: this.#options.name,
      asks: () => ({ offset: this.#copy.offset, request: this.#request }),
      asked: (request) => {
        if (this.#request === request) this.#request = null;
      },
      seen: (run, { place, ended }, offset) => {
        if (place.starts > this.#place.starts) this.#copy.again();
        const isAll = this.#copy.add(Buffer.from(run.journal, 'base64'), offset, run.bytes);
        this.#tell(place);
        if (this.#ending) return resolve(null);
        // Seen twice: a job that is requeued has ended for a moment.
        if (ended && endedBefore && isAll) resolve({ run, ended });
        endedBefore = ended !== null;
        if (!ended) this.#newest.fetchSoon();
      },
      trouble: (error) => this.#tellTrouble(error),
    });
    try {
      return await untilAborted(promise, this.#abort.signal);
    } finally {
      unfollow();
    }
  }

  /** Brings all that it made here, and removes it there. */
  async #fetch(end: SeenEnd | null): Promise<WorkerExit> {
    this.#tell({ ...this.#place, phase: 'fetching', detail: null });
    await this.#newest.settled();
    await this.#insist(async () => {
      // A job that ended without a word might be started once more.
      if (!this.#ending) await endThere(this.#options.link, this.#options.name);
      await this.#fetchAll(this.#abort.signal);
    });
    return this.#ending ?? exitWithout(this.#options.link.name, end);
  }

  async #fetchAll(signal?: AbortSignal): Promise<void> {
    const { link, name, journal } = this.#options;
    // All of it is listed before any of it is fetched: what is not fetched would go with the folder there.
    const files = await link.ask({ op: 'made', name, only: null }, signal);
    await fetchFiles(link, name, files, dirname(journal), signal);
    this.#newest.removeOthers(files.map(({ path }) => path));
    await link.ask({ op: 'remove', name }, signal);
  }

  /** Ends it there, and keeps what it has reached. A result that is here is final. */
  async #killed(because: string): Promise<WorkerExit> {
    const kind = this.#cancelling.requested ? 'cancelled' : 'killed';
    const exit = (message: string): WorkerExit => this.#ending ?? { kind, message, log: null };
    await this.#newest.settled();
    try {
      await endThere(this.#options.link, this.#options.name);
      await this.#copyRest();
      if (this.#isToKeep) return await this.#keep();
      await this.#fetchAll();
      return exit(because);
    } catch (error) {
      if (this.#isToKeep) return this.#keep();
      await this.#options.onLeft();
      return exit(`${because}; it ends there once its host answers: ${messageOf(error, 'window')}`);
    }
  }

  /** It had ended before it was stopped. */
  get #isToKeep(): boolean {
    return this.#ending !== null && this.#cancelling.requested && this.#keptAt === null;
  }

  /** What it made is fetched as of any other. */
  #keep(): Promise<WorkerExit> {
    this.#keptAt = this.#options.clock.elapsed();
    this.#killedBecause = null;
    this.#abort = new AbortController();
    return this.#guarded(() => this.#fetch(null));
  }

  async #copyRest(): Promise<void> {
    const { link, name } = this.#options;
    const { scheduler } = await link.facts();
    const nothing = { queue: false, ahead: false, accounting: false };
    const cluster = scheduler && { kind: scheduler.kind, ...nothing };
    for (let before = -1; before < this.#copy.offset; ) {
      before = this.#copy.offset;
      const asked = { name, offset: before, request: null };
      const [run] = (await link.ask({ op: 'look', runs: [asked], cluster })).runs;
      if (run) this.#copy.add(Buffer.from(run.journal, 'base64'), before, run.bytes);
    }
  }

  /** Does something there, again and again while it fails, as the table of phases says. */
  async #insist(work: () => Promise<void>): Promise<void> {
    const { clock } = this.#options;
    for (const backoff = new Backoff(); ; ) {
      try {
        return await work();
      } catch (error) {
        const isPassing = error instanceof SshError && error.isPassing;
        const isRefused = ATTEMPT_LIFE[this.#phase].error === 'refuse' || this.#isAnswer(error);
        if (this.#abort.signal.aborted || (!isPassing && isRefused)) throw error;
        this.#tellTrouble(error);
        const { promise: woken, resolve } = Promise.withResolvers<void>();
        this.#wake = resolve;
        await Promise.race([woken, clock.sleep(backoff.after(isPassing), this.#abort.signal)]);
        this.#tell({ ...this.#place, phase: this.#phase, detail: null });
      }
    }
  }

  /** Whether the host has refused to start it: nothing of it runs. What is sent again after a lost answer says nothing of that. */
  #isAnswer(error: unknown): boolean {
    return (
      this.#isAsked && this.#phase === 'submitted' && error instanceof SshError && error.exitCode !== null
    );
  }

  #tellTrouble(error: unknown): void {
    const asksUser = error instanceof SshError && error.asksUser;
    this.#tell({ ...this.#place, phase: 'unreachable', detail: messageOf(error, 'window'), asksUser });
  }

  #tell(place: PlaceState): void {
    if (place.phase !== 'unreachable') this.#phase = place.phase;
    const before = this.#place;
    const now = this.#options.clock.now();
    const isSamePhase = place.phase === before.phase;
    const isSilent = place.phase === 'unreachable';
    const heardAt = before.phase === 'unreachable' && !isSilent ? before.heardAt : null;
    const isGap = heardAt !== null && now - heardAt >= SILENCE_MS;
    const gaps = isGap ? [...(before.gaps ?? []), [heardAt, now] as const] : before.gaps;
    this.#place = {
      ...place,
      asksUser: isSilent && place.asksUser ? true : undefined,
      gaps: gaps?.slice(-REMEMBERED),
      saved: place.saved ?? before.saved,
      since: isSamePhase ? before.since : now,
      heardAt: isSilent ? before.heardAt : now,
      // A scheduler forgets them before the job's end is heard.
      submittedAt: place.submittedAt ?? before.submittedAt,
      startsAt: place.startsAt ?? (isSamePhase ? before.startsAt : null),
    };
    this.#listener.onPlace(this.#place);
  }
}

/** Exit codes above it stand for signals. */
const SIGNALS = 128;

/** Of a training that did not say how it ended. */
function exitWithout(host: string, end: SeenEnd | null): WorkerExit {
  const { exitCode = null, outcome: kind = 'interrupted', detail = null } = end?.ended ?? {};
  const log = end?.run.log || null;
  if (log !== null && exitCode && exitCode !== GOES_ON) {
    const why = commandError(host, 'the training', exitCode, log);
    if (OUT_OF_MEMORY.test(log)) return { kind: 'out-of-memory', message: messageOf(why, 'window'), log };
    // Killed by a signal, it would go on: what it said before is not why.
    if (exitCode <= SIGNALS || why.problem === 'no-room')
      return { kind: 'failed', message: messageOf(why, 'window'), log };
  }
  const how =
    exitCode === GOES_ON
      ? 'was stopped, and can continue'
      : exitCode === null
        ? 'ended without a word'
        : exitCode > SIGNALS
          ? `was killed by signal ${exitCode - SIGNALS}`
          : `ended with exit code ${exitCode}`;
  return { kind, message: detail ?? `the training there ${how}`, log };
}

import { messageOf, UserError } from '../../../core/errors.ts';
import type { Timer } from '../../../core/machine.ts';
import { isBadHome, isBusy } from '../../../core/store/db/connection.ts';
import type { RecordedAttempt } from '../../../core/store/runs/leases.ts';
import {
  nextState,
  type RunEvent,
  type RunOutcome,
  type RunState,
} from '../../../core/store/runs/run-life.ts';
import type { Store } from '../../../core/store/store.ts';
import type { RunRecord } from '../../../core/store/types.ts';
import type { TrainerEvent } from '../../../core/training/events.ts';
import type { PlaceState } from '../../../core/training/place.ts';
import type { TrainerListener, TrainerWorker } from '../../executors/executor.ts';
import type { WorkerExit } from '../../workers/worker-exit.ts';
import { MAX_BUSY_MS, RunRecorder } from './run-recorder.ts';

const HEARTBEAT_MS = 5_000;
const BUSY_RETRY_MS = 250;

/** What a trainer tells, where it stands on another machine, and what of it is stored by now. */
export type RunNews =
  | TrainerEvent
  | { type: 'place'; place: PlaceState }
  | { type: 'written'; events: readonly TrainerEvent[] };

/** What an attempt is made of. */
export interface AttemptParts extends Omit<RecordedAttempt, 'run'> {
  /** The step of the checkpoint that it continues from, or null. */
  fromStep: number | null;
  run: RunRecord;
  /** How far it is: "starting", or "training" where it is taken over from another process. */
  state: RunState;
}

/** All of a place but its times, which differ with each look: lists are not redrawn for them. */
function whatIsTold({ phase, job, detail, node, ahead, starts }: PlaceState): string {
  return JSON.stringify([phase, job, detail, node, ahead, starts]);
}

/** One attempt at a run, hosted by this process, to its recorded end. */
export class ActiveRun {
  /** As it was when the attempt began. */
  readonly run: RunRecord;
  /** The step of the checkpoint that it continues from; null from the start. */
  readonly fromStep: number | null;
  /** The run as stored once it has ended, however it ended. Rejects if its end could not be stored. */
  readonly ended: Promise<RunRecord>;
  readonly #store: Store;
  readonly #attempt: number;
  readonly #recorder: RunRecorder;
  readonly #worker: TrainerWorker;
  #storeFailure: unknown = null;
  #heartbeat: Timer | undefined;
  #state: RunState;
  #place: PlaceState | null = null;
  /** Epochs that it is to train, and those that its result has. */
  readonly #epochs: { wanted: unknown; done: number | null };

  /** Its trainer comes from `start`. The attempt must have begun: the run's lease is this process's. */
  constructor(
    store: Store,
    { run, attempt, fromStep, state }: AttemptParts,
    start: (listener: TrainerListener) => TrainerWorker,
    listen: (event: RunNews) => void,
  ) {
    this.run = run;
    this.fromStep = fromStep;
    this.#state = state;
    this.#epochs = { wanted: run.config?.epochs, done: null };
    this.#store = store;
    this.#attempt = attempt;
    const onFailure = (error: unknown) => {
      this.#storeFailure ??= error;
      this.#worker.kill(messageOf(error));
    };
    this.#recorder = new RunRecorder(store, { run: run.id, attempt }, onFailure, (events) =>
      listen({ type: 'written', events }),
    );
    const onReport: TrainerListener['onReport'] = (report) => {
      this.#recorder.add(report);
      for (const event of report.events) {
        if (event.type === 'started') this.#follow('started');
        if (event.type === 'progress') this.#epochs.wanted = event.epochs;
        if (event.type === 'result') this.#epochs.done = event.result.epochs;
        listen(event);
      }
    };
    const onPlace = (place: PlaceState) => {
      const isNews = this.#place === null || whatIsTold(place) !== whatIsTold(this.#place);
      this.#place = place;
      const { phase } = place;
      if (phase === 'submitted' || phase === 'pending' || phase === 'unreachable') this.#follow(phase);
      else if (this.#state === 'pending' || this.#state === 'unreachable') this.#follow('started');
      if (!isNews) return;
      this.#keepPlace();
      listen({ type: 'place', place });
    };
    this.#worker = start({ onReport, onPlace });
    this.ended = this.#recordEnd();
  }

  /** Where it stands on another machine; null on this one. */
  get place(): PlaceState | null {
    return this.#place;
  }

  /** Asks another machine at once how it stands. */
  look(): void {
    this.#worker.look?.();
  }

  /** starting, training, finishing or stopping; on another machine also on its way there. */
  get state(): RunState {
    return this.#state;
  }

  /**
   * Asks the trainer to stop, and kills it where it has been asked before; the run then ends as cancelled, or waits again
   * where the queue keeps its place.
   */
  stop(): void {
    this.#follow('stop');
    this.#worker.cancel();
  }

  /** Ends a run of another program that was asked to stop and goes on; that program is left alone. */
  giveUp(): void {
    this.#worker.giveUp?.();
  }

  /** Does once what the user has asked of it, in whatever process, of this one or of one that hosted it before: what is stored says so. */
  heed(): void {
    const wish = this.#store.lifecycle.wish(this.run.id);
    if (wish === 'finish' && nextState(this.#state, 'stopAfterEpoch') !== null) {
      this.#follow('stopAfterEpoch');
      this.#worker.stopAfterEpoch();
    }
    if (wish === null && this.#state === 'finishing') {
      this.#follow('takenBack');
      this.#worker.goOn?.();
    }
    if (wish !== 'stop' || this.#state === 'stopping') return;
    // It is to be trained here, from what was fetched last.
    const isGivenUp =
      this.#place?.phase === 'unreachable' && this.#store.runs.own(this.run.id).place === null;
    this.stop();
    if (isGivenUp) this.stop();
  }

  /** Takes back what was asked of another machine that has not heard of it yet: the training goes on. Otherwise it obeys. */
  takeBack(): void {
    if (this.#state !== 'stopping' || !this.#worker.takeBack?.()) return;
    this.#store.lifecycle.setWish(this.run.id, null);
    this.#follow('takenBack');
  }

  /** Lets a run of another machine go on without this process. Returns false for one of this machine. */
  detach(): boolean {
    if (!this.#worker.detach) return false;
    this.#worker.detach();
    this.#heartbeat?.stop();
    this.#recorder.flush();
    this.#store.lifecycle.release(this.run.id, this.#attempt);
    return true;
  }

  /** Where it cannot be written now, the next news or the end writes it. */
  #keepPlace(): void {
    try {
      if (this.#place) this.#store.lifecycle.setLastPlace(this.run.id, this.#attempt, this.#place);
    } catch (error) {
      if (!isBusy(error) && !isBadHome(error)) throw error;
    }
  }

  #follow(event: RunEvent): void {
    this.#state = nextState(this.#state, event) ?? this.#state;
  }

  async #recordEnd(): Promise<RunRecord> {
    this.#heartbeat = this.#store.machine.clock.every(HEARTBEAT_MS, () => this.#beat());
    const ending = await this.#worker.ended;
    this.#heartbeat?.stop();
    if (!(await this.#recordSoon(ending)))
      throw new UserError(`run ${this.run.id} was deleted or taken over while it ran`);
    return this.#store.runs.get(this.run.id);
  }

  /** Another process may have the database to itself for a moment. */
  async #recordSoon(ending: WorkerExit): Promise<boolean> {
    const { clock } = this.#store.machine;
    for (const since = clock.elapsed(); ; await clock.sleep(BUSY_RETRY_MS)) {
      try {
        return this.#record(ending);
      } catch (error) {
        if (isBusy(error) && clock.elapsed() - since < MAX_BUSY_MS) continue;
        this.#recordLater(ending);
        throw error;
      }
    }
  }

  /** A disk that is full now may have room later; until then the lease keeps the run from being resumed. */
  #recordLater(ending: WorkerExit): void {
    const again = () => {
      try {
        this.#record(ending);
        timer.stop();
      } catch {
        // Reported once already, through `ended`.
      }
    };
    const timer = this.#store.machine.clock.every(HEARTBEAT_MS, again).unref();
  }

  #beat(): void {
    try {
      if (this.#store.lifecycle.heartbeat(this.run.id, this.#attempt)) this.heed();
      else this.#worker.kill('the run was deleted or taken over by another process');
    } catch {
      // A late heartbeat does no harm while the process can be seen to live; the next one follows soon.
    }
  }

  /** Stores the last events and the ending together. Returns false where the run is no longer hosted here. */
  #record(ending: WorkerExit): boolean {
    try {
      return this.#recorder.drain(() => this.#end(ending));
    } catch (error) {
      if (isBadHome(error)) throw error;
      // Results that can never be stored fail the run.
      this.#storeFailure ??= error;
      this.#recorder.fail();
      return this.#recorder.drain(() => this.#end(ending));
    }
  }

  #end(ending: WorkerExit): void {
    if (this.#place) this.#store.lifecycle.setLastPlace(this.run.id, this.#attempt, this.#place);
    // Cancelled on its cluster, it is not submitted again.
    if (ending.kind === 'cancelled' && this.#place && !this.#isAsked) this.#store.queue.remove(this.run.id);
    this.#store.lifecycle.end(this.run.id, ...this.#outcome(ending), this.#attempt);
    if (ending.log) {
      this.#store.logs.append(this.run.id, [
        { time: this.#store.machine.clock.now(), level: 'error', message: ending.log },
      ]);
    }
  }

  /** Whether anybody here has asked it to stop. */
  get #isAsked(): boolean {
    return this.#state === 'stopping' || this.#store.lifecycle.wish(this.run.id) === 'stop';
  }

  #outcome({ kind, message }: WorkerExit): [RunOutcome, string | null] {
    if (this.#storeFailure) return ['failed', messageOf(this.#storeFailure, 'window')];
    const outcome = kind === 'killed' ? 'crashed' : kind;
    const { wanted, done } = this.#epochs;
    if (kind === 'completed' && this.#state === 'finishing' && done !== null && done !== wanted) {
      return [kind, `ended after epoch ${done} of ${wanted}, as requested`];
    }
    const { run } = this;
    if (kind === 'completed' || kind === 'cancelled' || run.kind !== 'own') return [outcome, message];
    const { id, name } = run.dataset;
    // In the trash it is as whole as ever.
    if (id !== null && this.#store.datasets.has(id)) return [outcome, message];
    return [outcome, `the data set ${name} was deleted while the run used it (${message ?? kind})`];
  }
}

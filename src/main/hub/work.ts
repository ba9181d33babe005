import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import { RESULT_PHASES, type ResultPhase } from '../../core/api/results.ts';
import type { WorkRequest, WorkState } from '../../core/api/work.ts';
import { CancelledError, detailsOf, UserError } from '../../core/errors.ts';
import type { Store } from '../../core/store/store.ts';
import {
  forgetEvaluation,
  queueEvaluation,
  type WaitingEvaluation,
  waitingEvaluations,
} from '../services/runs/evaluations.ts';

/** What ended is listed, for a window that opens later. */
const MAX_ENDED = 20;
/** At once: each is computed by the process that answers the window, or reads a disk. */
const MAX_AT_ONCE = 4;

interface Step {
  doing: string;
  fraction: number | null;
}

/** How a kind is asked for, and what it tells on the way. */
const KINDS: Record<WorkRequest['of'], { path: readonly string[]; step(told: Told): Step }> = {
  evaluation: {
    path: ['language', 'evaluate'],
    step: ({ what = '', done = 0, total = 0 }) => ({
      doing: what,
      fraction: total > 0 ? done / total : null,
    }),
  },
  'dataset-export': {
    path: ['datasets', 'export'],
    step: ({ file = '', fraction = null }) => ({ doing: `Writing ${file}`, fraction }),
  },
  'model-export': { path: ['runs', 'exportModel'], step: ({ doing = '' }) => ({ doing, fraction: null }) },
  'tracker-import': {
    path: ['runs', 'import'],
    step: ({ runs = 0, fraction = null }) => ({ doing: `${runs} runs read`, fraction }),
  },
  'result-import': {
    path: ['results', 'import'],
    step: ({ phase = 'read', result = '', done = 0, total = 1 }) => ({
      doing: `${RESULT_PHASES[phase]}${total > 1 ? `: ${result}, ${done + 1} of ${total}` : ''}`,
      fraction: total > 1 ? done / total : null,
    }),
  },
  bundle: {
    path: ['reproduce', 'saveBundle'],
    step: ({ doing = '' }) => ({ doing: `Writing ${doing}`, fraction: null }),
  },
  reproduction: { path: ['reproduce', 'start'], step: ({ doing = '' }) => ({ doing, fraction: null }) },
};

/** What any of them tells. */
interface Told {
  phase?: ResultPhase;
  result?: string;
  what?: string;
  done?: number;
  total?: number;
  file?: string;
  fraction?: number;
  doing?: string;
  runs?: number;
}

interface WorkOptions {
  /** Asks what computes it, which tells on the way. */
  ask(path: readonly string[], input: unknown, signal: AbortSignal): Promise<unknown>;
  onChange(state: WorkState): void;
  /** An evaluation waits, or has ended. */
  wake(): void;
}

/** Long work of one home, whoever looks at it. Evaluations go one after the other, when the scheduler has room for them. */
export class WorkService {
  readonly #store: Store;
  readonly #options: WorkOptions;
  readonly #states = new Map<string, WorkState>();
  readonly #aborts = new Map<string, AbortController>();
  #evaluating: string | null = null;
  #closing = false;

  constructor(store: Store, options: WorkOptions) {
    this.#store = store;
    this.#options = options;
  }

  /** Oldest first; then evaluations that wait, also those that another process has. */
  list(): WorkState[] {
    const waiting = waitingEvaluations(this.#store).filter(({ id }) => !this.#states.has(id));
    return [...this.#states.values(), ...waiting.flatMap((one) => this.#waiting(one) ?? [])];
  }

  /** Whether one is computed between the trainings of this machine. */
  get isEvaluating(): boolean {
    return this.#evaluating !== null;
  }

  /** What can be lost when the home is closed: evaluations begin anew. */
  get running(): WorkState | undefined {
    return [...this.#states.values()].find(({ of, status }) => of !== 'evaluation' && status === 'running');
  }

  /** `onEnd` is called once it has ended: with whether it was done, or stopped by its user. Throws UserError for what there is not, and where too much goes on. */
  start(request: WorkRequest, onEnd: (isOver: boolean) => Promise<void> = async () => {}): { id: string } {
    if (request.of === 'evaluation') {
      const queued = queueEvaluation(this.#store, request.input);
      const state = this.#waiting(queued);
      if (state) this.#options.onChange(state);
      this.#options.wake();
      return { id: queued.id };
    }
    const others = [...this.#aborts.keys()].filter((id) => id !== this.#evaluating);
    if (others.length >= MAX_AT_ONCE)
      throw new UserError(
        `${MAX_AT_ONCE} exports and imports are running: wait until one has ended, or stop one`,
      );
    const id = randomUUID();
    void this.#run(this.#stateOf(id, request), request.input, onEnd);
    return { id };
  }

  stop(id: string): void {
    const abort = this.#aborts.get(id);
    abort?.abort();
    if (abort === undefined) this.#forget(id);
  }

  /** Ends one that another process has taken away, and where there is room begins the one that waits longest. */
  lookAtEvaluations(hasRoom: boolean): void {
    const waiting = waitingEvaluations(this.#store);
    const own = this.#evaluating;
    if (own !== null && !waiting.some(({ id }) => id === own)) this.#aborts.get(own)?.abort();
    const [next] = waiting;
    if (next === undefined || own !== null || !hasRoom || this.#closing) return;
    const state = this.#waiting(next);
    if (state === null) {
      this.#forget(next.id);
      return;
    }
    this.#evaluating = next.id;
    void this.#run({ ...state, status: 'running', doing: '', since: Date.now() }, next.input, async () => {
      this.#evaluating = null;
      // Closed, it begins anew in the next session.
      if (!this.#closing) this.#forget(next.id);
    });
  }

  #forget(id: string): void {
    forgetEvaluation(this.#store, id);
    this.#options.wake();
  }

  /** Stops everything; evaluations begin anew in the next session. */
  close(): void {
    this.#closing = true;
    for (const abort of this.#aborts.values()) abort.abort();
  }

  async #run(first: WorkState, input: unknown, onEnd: (isOver: boolean) => Promise<void>): Promise<void> {
    const abort = new AbortController();
    const { signal } = abort;
    this.#aborts.set(first.id, abort);
    let state = first;
    this.#tell(state);
    const { path, step } = KINDS[first.of];
    try {
      const steps = (await this.#options.ask(path, input, signal)) as AsyncIterator<Told, unknown>;
      for (;;) {
        const { value, done } = await steps.next();
        if (done) {
          // What an evaluation finds is with its run.
          const result = first.of === 'evaluation' ? null : value;
          state = { ...state, status: 'completed', fraction: 1, result } as WorkState;
          break;
        }
        const next = step(value);
        state = { ...state, ...next, since: next.doing === state.doing ? state.since : Date.now() };
        this.#tell(state);
      }
    } catch (error) {
      const isStopped = signal.aborted || error instanceof CancelledError;
      const problem = isStopped ? null : detailsOf(error);
      state = { ...state, status: isStopped ? 'stopped' : 'failed', problem };
    }
    this.#aborts.delete(first.id);
    this.#tell(state);
    // What was made waits in the queue.
    if (first.of === 'reproduction') this.#options.wake();
    await onEnd(state.status !== 'failed').catch(() => {});
  }

  #tell(state: WorkState): void {
    this.#states.set(state.id, state);
    const ended = [...this.#states.values()].filter(({ id }) => !this.#aborts.has(id));
    for (const { id } of ended.slice(0, Math.max(0, ended.length - MAX_ENDED))) this.#states.delete(id);
    if (!this.#closing) this.#options.onChange(state);
  }

  /** Null where the run is gone. */
  #waiting({ id, input }: WaitingEvaluation): WorkState | null {
    const state = this.#store.runs.exists(input.run) ? this.#stateOf(id, { of: 'evaluation', input }) : null;
    return state && { ...state, status: 'waiting', doing: 'Waits for its turn' };
  }

  #stateOf(id: string, request: WorkRequest): WorkState {
    const { runs, datasets } = this.#store;
    const shared = { id, status: 'running', doing: '', fraction: null, since: Date.now() } as const;
    const { of } = request;
    const about = () => {
      if (of === 'tracker-import')
        return { name: request.input.paths.map((path) => basename(path)).join(', ') };
      if (of === 'bundle') return { name: request.input.title };
      if (of === 'reproduction')
        return request.input.of.kind === 'file'
          ? { name: basename(request.input.of.path) }
          : { name: runs.get(request.input.of.run).name, subject: request.input.of.run };
      if (of === 'result-import') return { name: request.input.name ?? basename(request.input.path) };
      const found =
        of === 'dataset-export' ? datasets.find(request.input.dataset) : runs.get(request.input.run);
      return { name: found.name, subject: found.id };
    };
    return { of, ...shared, subject: null, ...about(), problem: null, result: null };
  }
}

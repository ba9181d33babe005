/** Brings the started plans of a home further, one after the other, whoever looks at them: also after a restart. */
import type { AnalystClient } from '../../core/api/analyst.ts';
import type { PlanSave, PlanStart } from '../../core/api/plans.ts';
import { messageOf } from '../../core/errors.ts';
import type { PlanRecord } from '../../core/store/home/plans.ts';
import type { Store } from '../../core/store/store.ts';
import { lockPlan } from '../services/plan-lock.ts';
import type { Scheduler } from '../services/runs/scheduler.ts';

/** Looked at anew at least so often, for what other processes do. */
const LOOK_MS = 15_000;

export interface PlansOptions {
  analyst: Pick<AnalystClient, 'internal'>;
  scheduler: Pick<Scheduler, 'pause' | 'resume'>;
  /** Something of a plan, or the queue, has changed. */
  onChange(): void;
  onEnded(plan: PlanRecord): void;
  onProblem(error: unknown): void;
}

export class PlanService {
  readonly #store: Store;
  readonly #options: PlansOptions;
  /** Those that this process runs. */
  readonly #locks = new Map<string, ReturnType<typeof lockPlan>>();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | null = null;
  #looksAgain = false;
  #closing = false;
  #problem: string | null = null;

  constructor(store: Store, options: PlansOptions) {
    this.#store = store;
    this.#options = options;
  }

  /** Goes on with what was under way when the program ended. */
  begin(): void {
    if (this.#store.isReadOnly) return;
    this.#store.transaction(() => {
      for (const { id } of this.#running()) this.#store.plans.change(id, { wentOnAt: Date.now() });
    });
    this.#timer = setInterval(() => this.look(), LOOK_MS).unref();
    this.look();
  }

  /** Those that go on after this process go on with the next one. */
  async close(): Promise<void> {
    this.#closing = true;
    clearInterval(this.#timer);
    await this.#looking;
    for (const id of [...this.#locks.keys()]) this.#release(id);
  }

  /** Call after a run of the home has ended, or a search. */
  look(): void {
    if (this.#closing || this.#store.isReadOnly || (this.#running().length === 0 && this.#locks.size === 0))
      return;
    this.#looksAgain = true;
    this.#looking ??= this.#lookAtAll().finally(() => {
      this.#looking = null;
      if (this.#looksAgain) this.look();
    });
  }

  async save(input: PlanSave): Promise<{ id: string; version: string }> {
    const saved = await this.#options.analyst.internal.savePlan(input);
    this.#options.onChange();
    return saved;
  }

  /** Throws UserError where another process runs it, and for what is in its way. */
  async start(input: PlanStart): Promise<void> {
    const { plan } = input;
    const { internal } = this.#options.analyst;
    this.#lock(this.#store.plans.find(plan));
    try {
      await internal.startPlan(input);
      await internal.advancePlan({ plan, retries: true });
    } catch (error) {
      this.#release(plan);
      throw error;
    }
    this.#options.onChange();
    this.look();
  }

  async pause(plan: string): Promise<void> {
    for (const run of await this.#turn(plan, false)) this.#ask(() => this.#options.scheduler.pause(run));
    this.#release(plan);
    this.#options.onChange();
  }

  async resume(plan: string): Promise<void> {
    this.#lock(this.#store.plans.find(plan));
    for (const run of await this.#turn(plan, true)) this.#ask(() => this.#options.scheduler.resume(run));
    this.#options.onChange();
    this.look();
  }

  #turn(plan: string, goesOn: boolean): Promise<string[]> {
    return this.#options.analyst.internal.turnPlan({ plan, goesOn });
  }

  /** A run may have ended meanwhile. */
  #ask(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#tell(error);
    }
  }

  #running(): PlanRecord[] {
    return this.#store.plans.list().filter(({ state }) => state === 'running');
  }

  async #lookAtAll(): Promise<void> {
    this.#looksAgain = false;
    // What was paused or deleted elsewhere is no longer ours.
    const running = this.#running();
    for (const id of [...this.#locks.keys()]) if (!running.some((plan) => plan.id === id)) this.#release(id);
    for (const plan of running) {
      if (this.#closing) return;
      try {
        await this.#advance(plan);
      } catch (error) {
        this.#tell(error);
      }
    }
  }

  async #advance(plan: PlanRecord): Promise<void> {
    if (!this.#isOurs(plan)) return;
    const before = this.#store.externalChanges();
    const waits = await this.#options.analyst.internal.advancePlan({ plan: plan.id, retries: false });
    if (this.#closing) return;
    if (waits) {
      if (this.#store.externalChanges() !== before) this.#options.onChange();
      return;
    }
    this.#release(plan.id);
    this.#options.onChange();
    // It may have been paused meanwhile.
    if (this.#store.plans.find(plan.id).state === 'ended') this.#options.onEnded(plan);
  }

  /** Of one that a terminal runs, that brings it further. */
  #isOurs(plan: PlanRecord): boolean {
    try {
      this.#lock(plan);
      return true;
    } catch {
      return false;
    }
  }

  #lock({ id, file }: PlanRecord): void {
    const known = this.#locks.get(id);
    if (known) known.renew();
    else this.#locks.set(id, lockPlan(this.#store, file));
  }

  #release(id: string): void {
    this.#locks.get(id)?.release();
    this.#locks.delete(id);
  }

  #tell(error: unknown): void {
    const problem = messageOf(error);
    if (this.#closing || problem === this.#problem) return;
    this.#problem = problem;
    this.#options.onProblem(error);
  }
}

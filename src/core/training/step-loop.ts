/**
 * What every training by gradient steps does: epochs, series, progress, checkpoints, the best epoch, exact resume.
 *
 * One step, from the outside in: `StepLoop.#epoch` calls the `LoopTask.step` of what is trained (`RankingTraining` in
 * ranking/train-ranking.ts); that takes the step's batches and calls `StepRunner.step` (step-runner.ts), which draws the
 * random inputs and runs a compiled program; the program (`StepPrograms` in programs.ts) is the model's `loss`, its
 * gradients and `applyUpdate` (engine/optimisers.ts).
 */
import type { HostArrays, HostTables } from '../engine/index.ts';
import { CancelledError, messageOf, StoppedError, throwIfCancelled } from '../errors.ts';
import type { NamedTensor, StoredTensor } from '../files/safetensors.ts';
import { CheckpointKeeper } from './checkpoint-keeper.ts';
import { readCheckpoint, type TrainerState } from './checkpoints.ts';
import type { TrainingConfig } from './config.ts';
import { type Draws, drawsOf } from './draws.ts';
import { type LengthConfig, type TrainingLength, trainingLength } from './length.ts';
import type { LossScale } from './loss-scale.ts';
import { Progress } from './progress.ts';
import type { RunContext } from './run-context.ts';
import { learningRateAt } from './schedule.ts';
import { SeriesBuffer } from './series-buffer.ts';
import { STOPPED_EARLY } from './standing.ts';
import { limitPassed, type StopLimit, watched } from './stop-limits.ts';

/** A long epoch, or a long row of epochs that leave none, is checkpointed in between. */
const CHECKPOINT_SECONDS = 300;
/** Steps between points of the series that not every step has. */
const MEASURED_STEPS = 10;
const LEFT_OUT = 'steps whose gradients are too large for float16 are left out';

export type LoopConfig = LengthConfig & Pick<TrainingConfig, 'learningRate' | 'warmupSteps' | 'schedule'>;

/** Where a step stands. */
export interface StepInfo {
  /** Complete passes before this step, and steps before it in the present pass. */
  epoch: number;
  index: number;
  /** Counted from 1, and how many there are in all. */
  step: number;
  total: number;
  learningRate: number;
}

/** Values by metric name. */
export type MetricValues = Record<string, number>;

/** Where a loop stands when its task validates. */
export interface LoopState {
  /** Epochs and steps done. */
  epoch: number;
  step: number;
  progress: Progress;
}

/** Holds what is trained: on the device, and on the host where tables are there. */
export interface ParameterStore {
  /** A training goes on with those that it began with. */
  draws: Draws;
  /** Of a training with float16 products, which goes on with it. */
  readonly lossScale?: LossScale;
  /** Tables that checkpoints are read into. */
  readonly hostTables?: HostTables;
  /** Loads what the seed begins with. */
  initialise(): Promise<void>;
  load(values: HostArrays): Promise<void>;
  /** Whether `all` does not stand for the model by itself: what a training ends with is then kept as the best, too. */
  readonly keepsParts?: boolean;
  /** Tensors to store: `parameters` for the best checkpoint, `all` for the last. */
  tensors(what: 'parameters' | 'all'): Promise<Record<string, StoredTensor>>;
  /** Points of series beside those of every step; asked for every ten steps. */
  measures?(): MetricValues;
}

/** What is trained. */
export interface LoopTask {
  readonly store: ParameterStore;
  readonly stepsPerEpoch: number;
  /** Trained numbers. */
  readonly parameters: number;
  /** Which validation is better; the value is that of `selected`. Where lower is, of equal ones the last is taken. */
  readonly better: 'higher' | 'lower';
  /** Validates before the first step, too: the mark to beat. */
  readonly validatesFirst?: boolean;
  /** What that validation measured is kept as epoch 0, to be tested where no epoch is better. */
  readonly keepsFirst?: boolean;
  /** Epochs without a validation leave no checkpoint at their end. */
  readonly savesValidated?: boolean;
  /** End the training after an epoch past one of them, which is validated. */
  readonly limits?: readonly StopLimit[];
  /** Of a training that goes on: what it draws, before anything else. */
  resumes?(draws: Draws): void;
  /** What a new training does after it is reported as started and before its first step. */
  prepare?(state: LoopState): Promise<void>;
  step(info: StepInfo): Promise<MetricValues & { 'train/loss': number }>;
  /** With the parameters as they are. */
  validate(state: LoopState): Promise<MetricValues>;
  /** What chooses the epoch, or null where the last one is tested. */
  selected(values: MetricValues): number | null;
}

/** A loop at its end. */
export interface LoopOutcome extends LoopState {
  seconds: number;
  /** Best value and its epoch; null and 0 where no epoch was chosen. */
  bestValue: number | null;
  bestEpoch: number;
  /** Epoch whose parameters are tested. */
  selectedEpoch: number;
  keeper: CheckpointKeeper;
  /** Loads the parameters of the best epoch, where one was chosen. */
  loadSelected(): Promise<void>;
}

type LoopContext = Pick<
  RunContext<LoopConfig>,
  'config' | 'spec' | 'emit' | 'signal' | 'stopAfterEpoch' | 'started'
>;

/**
 * Trains from the initial parameters, or the checkpoint to continue from, to the last epoch, the end of patience, an epoch past a
 * limit, or the epoch in which finishing was requested. Throws StoppedError after the epoch that its spec names.
 */
export function runStepLoop(task: LoopTask, context: LoopContext): Promise<LoopOutcome> {
  return new StepLoop(task, context).run();
}

class StepLoop {
  readonly #progress: Progress;
  readonly #keeper: CheckpointKeeper;
  readonly #task: LoopTask;
  readonly #context: LoopContext;
  readonly #series: SeriesBuffer;
  #state: TrainerState = {
    epoch: 0,
    step: 0,
    bestValue: null,
    bestEpoch: 0,
    validationsSinceBest: 0,
    seconds: 0,
  };
  readonly #length: TrainingLength;
  #begun = performance.now();
  /** The step of the newest checkpoint, and when it was written. */
  #savedStep = 0;
  #savedAt = performance.now();

  constructor(task: LoopTask, context: LoopContext) {
    this.#task = task;
    this.#context = context;
    this.#length = trainingLength(context.config, task.stepsPerEpoch);
    this.#progress = new Progress(context.emit, this.#length.epochs);
    this.#series = new SeriesBuffer(context.emit);
    this.#keeper = new CheckpointKeeper(context.spec.runDir, context.emit);
  }

  /** As a checkpoint keeps it. */
  get #saved(): TrainerState {
    const seconds = (performance.now() - this.#begun) / 1000;
    const { draws, lossScale } = this.#task.store;
    return { ...this.#state, seconds, ...draws, lossScale: lossScale?.state };
  }

  get #position(): LoopState {
    return { epoch: this.#state.epoch, step: this.#state.step, progress: this.#progress };
  }

  async run(): Promise<LoopOutcome> {
    await this.#begin();
    try {
      await this.#train();
    } catch (error) {
      if (error instanceof CancelledError) await this.#saveReached();
      throw error;
    }
    this.#series.flush();
    this.#sayWhyEarly();
    const endIsTested = this.#isOver && this.#state.bestValue === null;
    if (endIsTested && this.#task.store.keepsParts) await this.#saveBest();
    if (!this.#isOver && this.#stopsHere) throw new StoppedError(`stopped after epoch ${this.#state.epoch}`);
    return this.#outcome();
  }

  async #train(): Promise<void> {
    if (this.#task.validatesFirst && this.#state.step === 0) {
      if ((await this.#validate()) && this.#task.keepsFirst) await this.#saveBest();
    }
    while (!this.#isOver && !this.#stopsHere) {
      await this.#epoch();
      const due = this.#validationDue();
      if (due && (await this.#validate())) await this.#saveBest();
      if (due || this.#savesEveryEpoch || this.#overdue()) await this.#saveLast();
    }
  }

  get #isOver(): boolean {
    return this.#state.epoch >= this.#length.epochs || this.#finishing || this.#endsEarly !== null;
  }

  /** Why it ends before its last epoch, where nobody asked it to; null where it does not. */
  get #endsEarly(): string | null {
    const { patience } = this.#length;
    const { validationsSinceBest, pastLimit = null } = this.#state;
    if (pastLimit !== null) return pastLimit;
    return patience > 0 && validationsSinceBest >= patience
      ? `no better validation in ${validationsSinceBest}`
      : null;
  }

  #sayWhyEarly(): void {
    const reason = this.#endsEarly;
    if (reason === null || this.#state.epoch >= this.#length.epochs) return;
    const message = `${STOPPED_EARLY}: ${reason}`;
    this.#context.emit({ type: 'log', level: 'info', message, once: STOPPED_EARLY });
  }

  get #stopsHere(): boolean {
    return this.#state.epoch >= (this.#context.spec.stopAt ?? Number.POSITIVE_INFINITY);
  }

  /** Not if epochs may have few steps: checkpoints would take longer than training. */
  get #savesEveryEpoch(): boolean {
    return !this.#task.savesValidated && !this.#context.config.minEvaluationSteps;
  }

  /** Of no use before there is an epoch to test. */
  get #finishing(): boolean {
    return this.#context.stopAfterEpoch?.isWanted === true && this.#state.epoch > 0;
  }

  async #begin(): Promise<void> {
    const { store } = this.#task;
    const { resumeFrom } = this.#context.spec;
    if (resumeFrom) {
      const { tensors, state } = readCheckpoint(resumeFrom, store.hostTables?.targets('all'));
      this.#state = state;
      store.draws = drawsOf(state);
      this.#task.resumes?.(store.draws);
      if (store.lossScale && state.lossScale) store.lossScale.state = state.lossScale;
      this.#savedStep = state.step;
      this.#keeper.resumeFrom(resumeFrom, state);
      await store.load(valuesOf(tensors));
    } else {
      await store.initialise();
    }
    this.#context.started(this.#task.parameters, this.#state.step);
    this.#begun = performance.now() - this.#state.seconds * 1000;
    if (!resumeFrom) await this.#task.prepare?.(this.#position);
  }

  async #epoch(): Promise<void> {
    const perPass = this.#task.stepsPerEpoch;
    const { stepsPerEpoch, epochs } = this.#length;
    const { epoch } = this.#state;
    const { limits } = this.#task;
    const total = stepsPerEpoch * epochs;
    if (limits && this.#state.step === epoch * stepsPerEpoch) this.#state.watched = {};
    for (let index = this.#state.step - epoch * stepsPerEpoch; index < stepsPerEpoch; index++) {
      throwIfCancelled(this.#context.signal);
      const done = this.#state.step;
      const step = done + 1;
      const learningRate = learningRateAt(this.#context.config, step, total);
      const at = { epoch: Math.floor(done / perPass), index: done % perPass };
      const leftOut = this.#leftOut;
      const points = await this.#task.step({ ...at, step, total, learningRate });
      if (leftOut === 0 && this.#leftOut > 0) this.#sayLeftOut(step);
      this.#state.step = step;
      const measured = step % MEASURED_STEPS === 0 ? this.#task.store.measures?.() : {};
      this.#add({ ...points, ...measured }, step / stepsPerEpoch);
      if (limits) this.#state.watched = watched(this.#state.watched ?? {}, points, limits);
      const report = { epoch: epoch + 1, done: index + 1, total: stepsPerEpoch, unit: 'steps' };
      const loss = points['train/loss'];
      // That of a step that was left out may be no number.
      this.#progress.report('train', { ...report, loss: Number.isFinite(loss) ? loss : null });
      if (index + 1 < stepsPerEpoch && this.#overdue()) await this.#saveLast();
    }
    this.#state.epoch = epoch + 1;
    if (limits) this.#state.pastLimit = limitPassed(this.#state.watched ?? {}, epoch + 1, limits);
  }

  /** Steps that were left out. */
  get #leftOut(): number {
    return this.#task.store.lossScale?.state.leftOut ?? 0;
  }

  #sayLeftOut(step: number): void {
    const message = `${LEFT_OUT}, as step ${step} is; each halves the loss scale (see train/left-out-steps and train/loss-scale)`;
    this.#context.emit({ type: 'log', level: 'info', message, once: LEFT_OUT });
  }

  #overdue(): boolean {
    return performance.now() - this.#savedAt > CHECKPOINT_SECONDS * 1000;
  }

  #add(values: MetricValues, epoch: number): void {
    for (const [metric, value] of Object.entries(values)) {
      this.#series.add(metric, this.#state.step, epoch, value);
    }
  }

  #validationDue(): boolean {
    const { evaluateEvery, epochs } = this.#length;
    const { epoch } = this.#state;
    const isLast = epoch === epochs || this.#finishing || this.#stopsHere || this.#endsEarly !== null;
    return isLast || epoch % evaluateEvery === 0;
  }

  /** Whether this epoch is the best so far. */
  async #validate(): Promise<boolean> {
    const { epoch, bestValue } = this.#state;
    const points = await this.#task.validate(this.#position);
    this.#add(points, epoch);
    this.#series.flush();
    const value = this.#task.selected(points);
    if (value === null) return false;
    const lower = this.#task.better === 'lower';
    const ahead = bestValue === null ? 1 : (lower ? -1 : 1) * (value - bestValue);
    if (ahead > 0) this.#state.validationsSinceBest = 0;
    else this.#state.validationsSinceBest++;
    const taken = ahead > 0 || (lower && ahead >= 0);
    if (taken) Object.assign(this.#state, { bestValue: value, bestEpoch: epoch });
    return taken;
  }

  async #saveBest(): Promise<void> {
    this.#keeper.saveBest(await this.#task.store.tensors('parameters'), this.#saved);
  }

  async #saveLast(): Promise<void> {
    this.#series.flush();
    this.#keeper.saveLast(await this.#task.store.tensors('all'), this.#saved);
    this.#savedStep = this.#state.step;
    this.#keeper.removeStopped();
    this.#savedAt = performance.now();
  }

  /** A training that is stopped goes on from the step that it reached. An epoch that is not validated yet is not done. */
  async #saveReached(): Promise<void> {
    this.#series.flush();
    const { step } = this.#state;
    if (step === this.#savedStep) return;
    const epoch = Math.ceil(step / this.#length.stepsPerEpoch) - 1;
    // What an epoch is past ends the training once that is validated.
    const state = { ...this.#saved, epoch, pastLimit: null };
    try {
      this.#keeper.saveStopped(await this.#task.store.tensors('all'), state);
    } catch (error) {
      const message = `step ${step} could not be saved; the run continues from step ${this.#savedStep}: ${messageOf(error)}`;
      this.#context.emit({ type: 'log', level: 'warn', message });
    }
  }

  #outcome(): LoopOutcome {
    const { bestValue, bestEpoch, epoch, seconds } = this.#saved;
    return {
      ...this.#position,
      seconds,
      bestValue,
      bestEpoch,
      selectedEpoch: bestValue === null ? epoch : bestEpoch,
      keeper: this.#keeper,
      loadSelected: () => this.#loadSelected(),
    };
  }

  async #loadSelected(): Promise<void> {
    const { store } = this.#task;
    const { bestValue, bestEpoch } = this.#state;
    if (bestValue === null) return;
    await store.load(valuesOf(this.#keeper.readBest(bestEpoch, store.hostTables?.targets('parameters'))));
  }
}

/** The values of tensors as devices take them. */
export function valuesOf(tensors: Record<string, NamedTensor>): HostArrays {
  return Object.fromEntries(Object.entries(tensors).map(([name, { data }]) => [name, data]));
}

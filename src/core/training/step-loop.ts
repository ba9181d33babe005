/** What every training by gradient steps does: epochs, series, progress, checkpoints, the best epoch, exact resume. */
import type { HostArrays, HostTables } from '../engine/index.ts';
import { throwIfCancelled } from '../errors.ts';
import type { FamilyContext } from '../families/family.ts';
import type { NamedTensor, StoredTensor } from '../files/safetensors.ts';
import { CheckpointKeeper } from './checkpoint-keeper.ts';
import { readCheckpoint, type TrainerState } from './checkpoints.ts';
import type { TrainingConfig } from './config.ts';
import { Progress } from './progress.ts';
import { learningRateAt } from './schedule.ts';
import { SeriesBuffer } from './series-buffer.ts';

/** A long epoch is checkpointed in between. */
const CHECKPOINT_SECONDS = 300;

export type LoopConfig = Pick<
  TrainingConfig,
  'epochs' | 'patience' | 'learningRate' | 'warmupSteps' | 'schedule'
> & {
  /** Epochs between two validations; every one unless given. */
  evaluateEvery?: number;
};

/** Where a step stands. */
export interface StepPlace {
  /** Epochs before it, and steps of its own epoch before it. */
  epoch: number;
  index: number;
  /** Counted from 1, and how many there are in all. */
  step: number;
  total: number;
  learningRate: number;
}

/** Points of series by metric name. */
export type Points = Record<string, number>;

/** What is trained. */
export interface LoopTask {
  readonly stepsPerEpoch: number;
  /** Trained numbers. */
  readonly parameters: number;
  /** Which validation is better; the value is that of `selected`. */
  readonly better: 'higher' | 'lower';
  /** Validates before the first step, too: the mark to beat. */
  readonly validatesFirst?: boolean;
  /** Epochs without a validation leave no checkpoint at their end. */
  readonly savesValidated?: boolean;
  /** Tables that checkpoints are read into. */
  readonly hostTables?: HostTables;
  /** Loads what the seed begins with. */
  initialise(): Promise<void>;
  /** What a new training does before its first step and after it has been told to have started. */
  prepare?(): Promise<void>;
  load(values: HostArrays): Promise<void>;
  step(place: StepPlace): Promise<Points & { 'train/loss': number }>;
  /** With the parameters as they are. */
  validate(): Promise<Points>;
  /** What chooses the epoch, or null where the last one is tested. */
  selected(points: Points): number | null;
  /** What the best checkpoint keeps, and what the last one does. */
  tensors(what: 'parameters' | 'all'): Promise<Record<string, StoredTensor>>;
}

export class StepLoop {
  readonly progress: Progress;
  readonly keeper: CheckpointKeeper;
  readonly #task: LoopTask;
  readonly #config: LoopConfig;
  readonly #context: Pick<FamilyContext, 'spec' | 'signal'>;
  readonly #series: SeriesBuffer;
  #state: TrainerState = { epoch: 0, step: 0, bestValue: null, bestEpoch: 0, stale: 0, seconds: 0 };
  #begun = performance.now();
  #savedAt = performance.now();

  constructor(
    task: LoopTask,
    config: LoopConfig,
    { spec, emit, signal }: Pick<FamilyContext, 'spec' | 'emit' | 'signal'>,
  ) {
    this.#task = task;
    this.#config = config;
    this.#context = { spec, signal };
    this.progress = new Progress(emit, config.epochs);
    this.#series = new SeriesBuffer(emit);
    this.keeper = new CheckpointKeeper(spec.runDir, emit);
  }

  get state(): Readonly<TrainerState> {
    return { ...this.#state, seconds: (performance.now() - this.#begun) / 1000 };
  }

  /** From the initial parameters, or the checkpoint to continue from, to the last epoch or the end of patience. */
  async run(started: FamilyContext['started']): Promise<void> {
    await this.#begin(started);
    const { epochs, patience } = this.#config;
    if (this.#task.validatesFirst && this.#state.step === 0) await this.#validate();
    while (this.#state.epoch < epochs && !(patience > 0 && this.#state.stale >= patience)) {
      await this.#epoch();
      const due = this.#validationDue();
      if (due && (await this.#validate())) {
        this.keeper.saveBest(await this.#task.tensors('parameters'), this.state);
      }
      if (due || !this.#task.savesValidated) await this.#saveLast();
    }
    this.#series.flush();
  }

  async #begin(started: FamilyContext['started']): Promise<void> {
    const { resumeFrom } = this.#context.spec;
    if (resumeFrom) {
      const { tensors, state } = readCheckpoint(resumeFrom, this.#task.hostTables?.targets('all'));
      this.#state = state;
      this.keeper.resumeFrom(resumeFrom, state);
      await this.#task.load(valuesOf(tensors));
    } else {
      await this.#task.initialise();
    }
    started(this.#task.parameters, this.#state.step);
    this.#begun = performance.now() - this.#state.seconds * 1000;
    if (!resumeFrom) await this.#task.prepare?.();
  }

  async #epoch(): Promise<void> {
    const { stepsPerEpoch } = this.#task;
    const { epoch } = this.#state;
    const total = stepsPerEpoch * this.#config.epochs;
    for (let index = this.#state.step - epoch * stepsPerEpoch; index < stepsPerEpoch; index++) {
      throwIfCancelled(this.#context.signal);
      const step = this.#state.step + 1;
      const learningRate = learningRateAt(this.#config, step, total);
      const points = await this.#task.step({ epoch, index, step, total, learningRate });
      this.#state.step = step;
      this.#add(points, step / stepsPerEpoch);
      const report = { epoch: epoch + 1, done: index + 1, total: stepsPerEpoch, unit: 'steps' };
      this.progress.report('train', { ...report, loss: points['train/loss'], share: step / total });
      const due = performance.now() - this.#savedAt > CHECKPOINT_SECONDS * 1000;
      if (due && index + 1 < stepsPerEpoch) await this.#saveLast();
    }
    this.#state.epoch = epoch + 1;
  }

  #add(points: Points, epoch: number): void {
    for (const [metric, value] of Object.entries(points)) {
      this.#series.add(metric, this.#state.step, epoch, value);
    }
  }

  #validationDue(): boolean {
    const { evaluateEvery = 1, epochs } = this.#config;
    return this.#state.epoch % evaluateEvery === 0 || this.#state.epoch === epochs;
  }

  /** Whether this epoch is the best so far. */
  async #validate(): Promise<boolean> {
    const { epoch, bestValue } = this.#state;
    const points = await this.#task.validate();
    this.#add(points, epoch);
    this.#series.flush();
    const value = this.#task.selected(points);
    if (value === null) return false;
    const better =
      bestValue === null || (this.#task.better === 'higher' ? value > bestValue : value < bestValue);
    if (better) Object.assign(this.#state, { bestValue: value, bestEpoch: epoch, stale: 0 });
    else this.#state.stale++;
    return better;
  }

  async #saveLast(): Promise<void> {
    this.#series.flush();
    this.keeper.saveLast(await this.#task.tensors('all'), this.state);
    this.#savedAt = performance.now();
  }

  /** Epoch whose parameters are tested. */
  get selectedEpoch(): number {
    const { bestValue, bestEpoch, epoch } = this.#state;
    return bestValue === null ? epoch : bestEpoch;
  }

  /** Loads the parameters of the best epoch, where one was chosen. */
  async loadSelected(): Promise<void> {
    const { bestValue, bestEpoch } = this.#state;
    if (bestValue === null) return;
    await this.#task.load(
      valuesOf(this.keeper.readBest(bestEpoch, this.#task.hostTables?.targets('parameters'))),
    );
  }
}

/** The values of tensors as devices take them. */
export function valuesOf(tensors: Record<string, NamedTensor>): HostArrays {
  return Object.fromEntries(Object.entries(tensors).map(([name, { data }]) => [name, data]));
}

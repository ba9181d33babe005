/** Training by gradient steps of any model that ranks items: validation, early stopping, exact resume, and the test. */
import type { LengthPlan, MicroBatch, TrainingBatches } from '../../data/batches/sequence-batches.ts';
import { countParameters, type HostTables } from '../../engine/index.ts';
import { UserError } from '../../errors.ts';
import { rankMetrics } from '../../evaluation/metrics.ts';
import { metricsUsed } from '../../evaluation/metrics-table.ts';
import type { EvaluationSplit, UserRanks } from '../../evaluation/types.ts';
import { type Draws, PRESENT_DRAWS } from '../draws.ts';
import { trainingLength } from '../length.ts';
import type { Progress, ReportDone } from '../progress.ts';
import {
  type LoopOutcome,
  type LoopState,
  type LoopTask,
  type MetricValues,
  type ParameterStore,
  runStepLoop,
  type StepInfo,
} from '../step-loop.ts';
import type { StepModel } from '../step-model.ts';
import { StepRunner } from '../step-runner.ts';
import { startWhereNamed } from '../warm-start.ts';
import type { RankingContext, RankingOutcome } from './context.ts';
import { secondsOfList } from './evaluation-set.ts';
import { BesidePopularity } from './popularity.ts';
import { rankingRows } from './start-rows.ts';

/** Ranks the held-out items of one split with the parameters that are on the device. */
export interface Ranker extends AsyncDisposable {
  rank(report: ReportDone, signal?: AbortSignal): Promise<UserRanks>;
  /** What it found besides the ranks, by metric name; read after `rank`. */
  measures?(): MetricValues;
}

/** Trains otherwise than by one optimiser step on every batch, from a run of its own choice. */
export interface StepTrainer {
  /** Whether what it begins with is validated, and kept as epoch 0. */
  readonly startsValidated: boolean;
  /** What checkpoints keep, and a training goes on from. */
  readonly store: ParameterStore;
  /** As of `LoopTask`. */
  readonly limits?: LoopTask['limits'];
  /** Once, before the first step of a new training. */
  prepare(): Promise<void>;
  step(info: StepInfo, batches: readonly MicroBatch[]): Promise<MetricValues & { 'train/loss': number }>;
  /** Before each validation, which may be stopped and made again by a run that goes on; epoch 0 is what it begins with. */
  validates?(epoch: number): void;
  /** Frees what steps take beside the state. */
  release(): Promise<void>;
}

/** What is trained, on what, and how it is ranked. */
export interface TrainingPlan {
  model: StepModel;
  /** In lengths as `plan` has them; default: as of a new training. */
  batches(plan?: LengthPlan): TrainingBatches;
  /** Why there are no batches, where there are none. */
  emptyReason: string;
  /** Default: the steps of the runner. */
  trainer?(runner: StepRunner): StepTrainer;
  /** `selection`: to choose the epoch; `result`: what is reported, with lists of `topK` items. */
  ranker(which: EvaluationSplit, topK: number, purpose: 'selection' | 'result', tables: HostTables): Ranker;
}

/** Trains, then tests the selected epoch. Throws UserError where the plan has no batches. */
export async function trainBySteps(plan: TrainingPlan, context: RankingContext): Promise<RankingOutcome> {
  const training = new RankingTraining(plan, context);
  return training.test(await runStepLoop(training, context));
}

class RankingTraining implements LoopTask {
  readonly better = 'higher';
  readonly store: ParameterStore;
  readonly validatesFirst: boolean;
  readonly keepsFirst: boolean;
  readonly limits: LoopTask['limits'];
  readonly stepsPerEpoch: number;
  readonly parameters: number;
  readonly #plan: TrainingPlan;
  readonly #context: RankingContext;
  #batches: TrainingBatches;
  readonly #runner: StepRunner;
  readonly #trainer: StepTrainer | undefined;
  readonly #popularity: BesidePopularity;
  #ranker: Ranker | null = null;

  constructor(plan: TrainingPlan, context: RankingContext) {
    this.#plan = plan;
    this.#context = context;
    const { spec, device, config } = context;
    this.#runner = new StepRunner(plan.model, config, device, spec.seed);
    this.#trainer = plan.trainer?.(this.#runner);
    this.store = this.#trainer?.store ?? this.#runner;
    this.validatesFirst = this.#trainer?.startsValidated ?? false;
    this.keepsFirst = this.validatesFirst;
    this.limits = this.#trainer?.limits;
    this.#batches = plan.batches();
    this.stepsPerEpoch = this.#batches.stepsPerEpoch;
    if (config.epochs > 0 && this.stepsPerEpoch === 0) throw new UserError(plan.emptyReason);
    this.parameters = countParameters(plan.model);
    const { selection } = config;
    const metric = selection === 'final-epoch' ? `${this.#watched}/ndcg@10` : selection;
    this.#popularity = new BesidePopularity(context, trainingLength(config, this.stepsPerEpoch), metric);
  }

  resumes({ lengths }: Draws): void {
    if (lengths !== PRESENT_DRAWS.lengths) this.#batches = this.#plan.batches(lengths);
  }

  /** From the parameters of another run, where the config names one. */
  async prepare(): Promise<void> {
    const { spec, config, data } = this.#context;
    await this.#trainer?.prepare();
    await startWhereNamed(this.#context, {
      model: this.#plan.model,
      store: this.#runner,
      rows: (source, tables) => rankingRows(source, tables, { data, config, datasetDir: spec.datasetDir }),
    });
  }

  get #watched(): EvaluationSplit {
    return this.#context.split.validation ? 'valid' : 'test';
  }

  async step(info: StepInfo): Promise<MetricValues & { 'train/loss': number }> {
    const batches = this.#batches.step(info.epoch, info.index);
    if (this.#trainer) return this.#trainer.step(info, batches);
    return { 'train/loss': await this.#runner.step(info.step, info.learningRate, batches) };
  }

  async validate(state: LoopState): Promise<MetricValues> {
    this.#trainer?.validates?.(state.epoch);
    const watched = this.#watched;
    this.#ranker ??= this.#plan.ranker(watched, 0, 'selection', this.#runner.hostTables);
    const ranks = await this.#rank(this.#ranker, watched === 'valid' ? 'validate' : 'test', state);
    const shown = metricsUsed('live').map((name) => `${watched}/${name}`);
    const metrics = Object.entries(rankMetrics(ranks)).filter(([metric]) => shown.includes(metric));
    const values: MetricValues = { ...this.#ranker.measures?.(), ...Object.fromEntries(metrics) };
    this.#popularity.validated(values, state.epoch);
    return values;
  }

  selected(values: MetricValues): number | null {
    const { selection } = this.#context.config;
    return selection === 'final-epoch' ? null : values[selection];
  }

  #rank(
    ranker: Ranker,
    phase: 'validate' | 'test',
    { epoch, progress }: { epoch: number; progress: Progress },
  ): Promise<UserRanks> {
    const report: ReportDone = (done, total, unit = 'users') =>
      progress.report(phase, { epoch, done, total, unit });
    return ranker.rank(report, this.#context.signal);
  }

  /**
   * Ranks with the selected epoch's parameters. An epoch that was selected on the test items is reported beside the
   * last one, whose ranks are of the split "final".
   */
  async test(loop: LoopOutcome): Promise<RankingOutcome> {
    // Both take memory that the test may need.
    await this.#ranker?.[Symbol.asyncDispose]();
    await this.#trainer?.release();
    await this.#runner.release();
    const { hostTables } = this.#runner;
    await using ranker = this.#plan.ranker('test', this.#context.listLength, 'result', hostTables);
    const { validation } = this.#context.split;
    const ranks: UserRanks[] = [];
    if (!validation && loop.bestValue !== null) {
      ranks.push({ ...(await this.#rank(ranker, 'test', loop)), split: 'final' });
    }
    await loop.loadSelected();
    const measures: MetricValues = {};
    if (validation) {
      await using validator = this.#plan.ranker('valid', 0, 'result', hostTables);
      ranks.push(await this.#rank(validator, 'validate', loop));
      Object.assign(measures, validator.measures?.());
    }
    const since = performance.now();
    const tested = await this.#rank(ranker, 'test', loop);
    const listSeconds = secondsOfList(since, tested);
    ranks.push(tested);
    Object.assign(measures, ranker.measures?.());
    const finalEpoch = this.#context.config.selection === 'final-epoch';
    return {
      status: 'completed',
      epochs: loop.epoch,
      selectedEpoch: loop.selectedEpoch,
      seconds: loop.seconds,
      listSeconds,
      ranks,
      measures,
      selection: finalEpoch ? 'final-epoch' : validation ? 'validation' : 'test',
    };
  }
}

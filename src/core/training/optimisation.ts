import { PairBatches } from '../data/pair-batches.ts';
import { SequenceBatches, type TrainingBatches } from '../data/sequence-batches.ts';
import { SessionBatches } from '../data/session-batches.ts';
import type { Interactions } from '../data/types.ts';
import type { HostArrays, HostTables } from '../engine/index.ts';
import { countParameters } from '../engine/index.ts';
import { throwIfCancelled, UserError } from '../errors.ts';
import { rankMetrics } from '../evaluation/metrics.ts';
import type { EvaluationSplit, UserRanks } from '../evaluation/types.ts';

import type { ProtocolConfig, TrainingConfig } from '../models/config.ts';
import type { StepModel, TrainableModel } from '../models/types.ts';
import type { NamedTensor } from '../safetensors.ts';
import { CheckpointKeeper } from './checkpoint-keeper.ts';
import { readCheckpoint, type TrainerState } from './checkpoints.ts';
import type { TrainingContext, TrainingOutcome } from './context.ts';
import { evaluationSet, rankingRule } from './evaluation-set.ts';
import { GraphRanker } from './graph-ranker.ts';
import { Progress } from './progress.ts';
import { RowRanker } from './row-ranker.ts';
import { learningRateAt } from './schedule.ts';
import { SeriesBuffer } from './series-buffer.ts';
import { StepRunner } from './step-runner.ts';

/** A long epoch is checkpointed in between. */
const CHECKPOINT_SECONDS = 300;

/** Ranks the held-out items of one split with the parameters that are on the device. */
export interface Ranker {
  rank(report: (done: number, total: number) => void, signal?: AbortSignal): Promise<UserRanks>;
  /** What it found besides the ranks, by metric name; asked for after `rank`. */
  measures?(): Record<string, number>;
  release(): Promise<void>;
}

/** What is trained, on what, and how it is ranked. */
export interface Trainee {
  model: StepModel;
  batches(): TrainingBatches;
  /** Why there are no batches, where there are none. */
  nothingToLearn: string;
  /** `selection`: to choose the epoch; `result`: what is reported, with lists of `topK` items. */
  ranker(which: EvaluationSplit, topK: number, purpose: 'selection' | 'result', tables: HostTables): Ranker;
}

/** Trains a model that scores every item. */
export function trainModel(
  model: TrainableModel,
  config: Record<string, unknown>,
  context: TrainingContext,
  started: (parameters: number, fromStep: number) => void,
): Promise<TrainingOutcome> {
  return trainBySteps(traineeOf(model, config, context), config, context, started);
}

/** A model that scores every item, and is ranked on the device, by pieces where its item vectors are on the host. */
export function traineeOf(
  model: TrainableModel,
  config: Record<string, unknown>,
  { data, split, trainEnd, device, spec }: TrainingContext,
): Trainee {
  const settings = config as TrainingConfig & ProtocolConfig;
  const { microBatchTokens } = settings;
  const rule = rankingRule(settings);
  return {
    model,
    batches: () => batchesOf(model, settings, data, trainEnd, spec.seed),
    nothingToLearn: nothingToLearn(model),
    ranker: (which, topK, _purpose, tables) => {
      const set = evaluationSet(split, which);
      const options = { model, data, set, device, rule, microBatchTokens, topK };
      return model.rowInputs ? new RowRanker(options, tables) : new GraphRanker(options);
    },
  };
}

/** Trains by gradient steps with validation, early stopping and exact resume, then tests the selected epoch. */
export async function trainBySteps(
  trainee: Trainee,
  config: Record<string, unknown>,
  context: TrainingContext,
  started: (parameters: number, fromStep: number) => void,
): Promise<TrainingOutcome> {
  const training = new Training(trainee, config as TrainingConfig & ProtocolConfig, context);
  await training.begin(started);
  await training.run();
  return training.test();
}

function batchesOf(
  { batches }: TrainableModel,
  { batchSize, microBatchTokens }: TrainingConfig,
  data: Interactions,
  trainEnd: Int32Array,
  seed: number,
): TrainingBatches {
  if (batches.kind === 'pairs') return new PairBatches(data, trainEnd, { batchSize, seed });
  const { maxLength, columns, samples, sessions } = batches;
  if (sessions) return new SessionBatches(data, trainEnd, { batchSize, negatives: sessions, seed });
  const options = { batchSize, microBatchTokens, maxLength, columns, samples, seed };
  return new SequenceBatches(data, trainEnd, options);
}

/** Why the training part of a data set gives no batch. */
function nothingToLearn({ batches }: TrainableModel): string {
  return batches.kind === 'pairs'
    ? 'there is nothing to train on: every user has had every item, so no item can stand against them'
    : 'there is nothing to train on: no user has two interactions besides the ones held out for tests';
}

class Training {
  readonly #trainee: Trainee;
  readonly #model: StepModel;
  readonly #config: TrainingConfig & ProtocolConfig;
  readonly #context: TrainingContext;
  readonly #runner: StepRunner;
  readonly #batches: TrainingBatches;
  readonly #progress: Progress;
  readonly #series: SeriesBuffer;
  readonly #keeper: CheckpointKeeper;
  #ranker: Ranker | null = null;
  #state: TrainerState = { epoch: 0, step: 0, bestValue: null, bestEpoch: 0, stale: 0, seconds: 0 };
  #begun = performance.now();
  #savedAt = performance.now();

  constructor(trainee: Trainee, config: TrainingConfig & ProtocolConfig, context: TrainingContext) {
    this.#trainee = trainee;
    this.#model = trainee.model;
    this.#config = config;
    this.#context = context;
    const { spec, device } = context;
    this.#runner = new StepRunner(trainee.model, config, device, spec.seed);
    this.#batches = trainee.batches();
    if (config.epochs > 0 && this.#batches.stepsPerEpoch === 0) throw new UserError(trainee.nothingToLearn);
    this.#progress = new Progress(context.emit, config.epochs);
    this.#series = new SeriesBuffer(context.emit);
    this.#keeper = new CheckpointKeeper(spec.runDir, context.emit);
  }

  /** Loads the initial parameters, or the checkpoint to continue from. */
  async begin(started: (parameters: number, fromStep: number) => void): Promise<void> {
    const { resumeFrom } = this.#context.spec;
    if (resumeFrom) {
      const { tensors, state } = readCheckpoint(resumeFrom, this.#runner.hostTables.targets('all'));
      this.#state = state;
      this.#keeper.resumeFrom(resumeFrom, state);
      await this.#runner.load(valuesOf(tensors));
    } else {
      await this.#runner.initialise();
    }
    started(countParameters(this.#model), this.#state.step);
    this.#begun = performance.now() - this.#state.seconds * 1000;
  }

  async run(): Promise<void> {
    const { epochs, patience, selection } = this.#config;
    const stops = () => patience > 0 && selection !== 'final-epoch' && this.#state.stale >= patience;
    while (this.#state.epoch < epochs && !stops()) {
      await this.#epoch();
      const better = await this.#validate();
      await this.#save(better);
    }
    this.#series.flush();
  }

  async #epoch(): Promise<void> {
    const { stepsPerEpoch } = this.#batches;
    const { epochs } = this.#config;
    const { epoch } = this.#state;
    const total = stepsPerEpoch * epochs;
    for (let index = this.#state.step - epoch * stepsPerEpoch; index < stepsPerEpoch; index++) {
      throwIfCancelled(this.#context.signal);
      const step = this.#state.step + 1;
      const batches = this.#batches.step(epoch, index);
      const loss = await this.#runner.step(step, learningRateAt(this.#config, step, total), batches);
      this.#state.step = step;
      this.#series.add('train/loss', step, step / stepsPerEpoch, loss);
      const report = { epoch: epoch + 1, done: index + 1, total: stepsPerEpoch, unit: 'steps', loss };
      this.#progress.report('train', { ...report, share: step / total });
      const due = performance.now() - this.#savedAt > CHECKPOINT_SECONDS * 1000;
      if (due && index + 1 < stepsPerEpoch) await this.#saveLast();
    }
    this.#state.epoch = epoch + 1;
  }

  /** Whether this epoch is the best so far. */
  async #validate(): Promise<boolean> {
    const { epoch } = this.#state;
    const { evaluateEvery, epochs, selection } = this.#config;
    if (epoch % evaluateEvery !== 0 && epoch !== epochs) return false;
    const watched = this.#context.split.validation ? 'valid' : 'test';
    this.#ranker ??= this.#trainee.ranker(watched, 0, 'selection', this.#runner.hostTables);
    const ranks = await this.#rank(this.#ranker, watched === 'valid' ? 'validate' : 'test');
    const metrics = rankMetrics(ranks);
    const shown = ['ndcg@10', 'hr@10', 'mrr', 'cross-entropy'].map((name) => `${watched}/${name}`);
    const followed = [
      ...Object.entries(this.#ranker.measures?.() ?? {}),
      ...Object.entries(metrics).filter(([metric]) => shown.includes(metric)),
    ];
    for (const [metric, value] of followed) {
      this.#series.add(metric, this.#state.step, epoch, value);
    }
    this.#series.flush();
    if (selection === 'final-epoch') return false;
    const value = metrics[selection];
    const better = this.#state.bestValue === null || value > this.#state.bestValue;
    if (better) Object.assign(this.#state, { bestValue: value, bestEpoch: epoch, stale: 0 });
    else this.#state.stale++;
    return better;
  }

  #rank(ranker: Ranker, phase: 'validate' | 'test'): Promise<UserRanks> {
    const { epoch } = this.#state;
    const report = (done: number, total: number) =>
      this.#progress.report(phase, { epoch, done, total, unit: 'users' });
    return ranker.rank(report, this.#context.signal);
  }

  async #save(better: boolean): Promise<void> {
    if (better) this.#keeper.saveBest(await this.#runner.tensors('parameters'), this.#stateNow());
    await this.#saveLast();
  }

  async #saveLast(): Promise<void> {
    this.#series.flush();
    this.#keeper.saveLast(await this.#runner.tensors('all'), this.#stateNow());
    this.#savedAt = performance.now();
  }

  #stateNow(): TrainerState {
    return { ...this.#state, seconds: (performance.now() - this.#begun) / 1000 };
  }

  /**
   * Ranks with the selected epoch's parameters. An epoch that was selected on the test items is reported beside the
   * last one, whose ranks are of the split "final".
   */
  async test(): Promise<TrainingOutcome> {
    const { seconds, epoch, bestEpoch, bestValue } = this.#stateNow();
    const { validation } = this.#context.split;
    await this.#ranker?.release();
    const { hostTables } = this.#runner;
    const ranker = this.#trainee.ranker('test', this.#context.listLength, 'result', hostTables);
    const ranks: UserRanks[] = [];
    if (!validation && bestValue !== null) {
      ranks.push({ ...(await this.#rank(ranker, 'test')), split: 'final' });
    }
    if (bestValue !== null) {
      const best = this.#keeper.readBest(bestEpoch, hostTables.targets('parameters'));
      await this.#runner.load(valuesOf(best));
    }
    const measures: Record<string, number> = {};
    if (validation) {
      const validator = this.#trainee.ranker('valid', 0, 'result', hostTables);
      ranks.push(await this.#rank(validator, 'validate'));
      Object.assign(measures, validator.measures?.());
    }
    ranks.push(await this.#rank(ranker, 'test'));
    Object.assign(measures, ranker.measures?.());
    const finalEpoch = this.#config.selection === 'final-epoch';
    return {
      status: 'completed',
      epochs: epoch,
      selectedEpoch: bestValue === null ? epoch : bestEpoch,
      seconds,
      ranks,
      measures,
      selection: finalEpoch ? 'final-epoch' : validation ? 'validation' : 'test',
    };
  }
}

function valuesOf(tensors: Record<string, NamedTensor>): HostArrays {
  return Object.fromEntries(Object.entries(tensors).map(([name, { data }]) => [name, data]));
}

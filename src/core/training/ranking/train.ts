import { PairBatches } from '../../data/pair-batches.ts';
import { SequenceBatches, type TrainingBatches } from '../../data/sequence-batches.ts';
import { SessionBatches } from '../../data/session-batches.ts';
import type { Interactions } from '../../data/types.ts';
import type { HostArrays, HostTables } from '../../engine/index.ts';
import { countParameters } from '../../engine/index.ts';
import { UserError } from '../../errors.ts';
import { rankMetrics } from '../../evaluation/metrics.ts';
import type { EvaluationSplit, UserRanks } from '../../evaluation/types.ts';
import type { FamilyContext } from '../../families/family.ts';
import type { StepModel, TrainableModel } from '../../families/model.ts';
import { GraphRanker } from '../../families/next-item/ranking/device-ranker.ts';
import { RowRanker } from '../../families/next-item/ranking/host-table-ranker.ts';
import type { StoredTensor } from '../../files/safetensors.ts';
import type { ProtocolConfig, TrainingConfig } from '../config.ts';
import { type LoopTask, type Points, StepLoop, type StepPlace } from '../step-loop.ts';
import { StepRunner } from '../step-runner.ts';
import type { TrainingContext, TrainingOutcome } from './context.ts';
import { evaluationSet, rankingRule } from './evaluation-set.ts';

type Started = FamilyContext['started'];

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
  started: Started,
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
  started: Started,
): Promise<TrainingOutcome> {
  const training = new Training(trainee, config as TrainingConfig & ProtocolConfig, context);
  await training.run(started);
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

class Training implements LoopTask {
  readonly better = 'higher';
  readonly stepsPerEpoch: number;
  readonly parameters: number;
  readonly hostTables: HostTables;
  readonly #trainee: Trainee;
  readonly #config: TrainingConfig & ProtocolConfig;
  readonly #context: TrainingContext;
  readonly #runner: StepRunner;
  readonly #batches: TrainingBatches;
  readonly #loop: StepLoop;
  #ranker: Ranker | null = null;

  constructor(trainee: Trainee, config: TrainingConfig & ProtocolConfig, context: TrainingContext) {
    this.#trainee = trainee;
    this.#config = config;
    this.#context = context;
    const { spec, device } = context;
    this.#runner = new StepRunner(trainee.model, config, device, spec.seed);
    this.#batches = trainee.batches();
    this.stepsPerEpoch = this.#batches.stepsPerEpoch;
    if (config.epochs > 0 && this.stepsPerEpoch === 0) throw new UserError(trainee.nothingToLearn);
    this.parameters = countParameters(trainee.model);
    this.hostTables = this.#runner.hostTables;
    this.#loop = new StepLoop(this, config, context);
  }

  run(started: Started): Promise<void> {
    return this.#loop.run(started);
  }

  initialise(): Promise<void> {
    return this.#runner.initialise();
  }

  load(values: HostArrays): Promise<void> {
    return this.#runner.load(values);
  }

  async step({ epoch, index, step, learningRate }: StepPlace) {
    const batches = this.#batches.step(epoch, index);
    return { 'train/loss': await this.#runner.step(step, learningRate, batches) };
  }

  async validate(): Promise<Points> {
    const watched = this.#context.split.validation ? 'valid' : 'test';
    this.#ranker ??= this.#trainee.ranker(watched, 0, 'selection', this.hostTables);
    const ranks = await this.#rank(this.#ranker, watched === 'valid' ? 'validate' : 'test');
    const shown = ['ndcg@10', 'hr@10', 'mrr', 'cross-entropy'].map((name) => `${watched}/${name}`);
    const metrics = Object.entries(rankMetrics(ranks)).filter(([metric]) => shown.includes(metric));
    return { ...this.#ranker.measures?.(), ...Object.fromEntries(metrics) };
  }

  selected(points: Points): number | null {
    const { selection } = this.#config;
    return selection === 'final-epoch' ? null : points[selection];
  }

  tensors(what: 'parameters' | 'all'): Promise<Record<string, StoredTensor>> {
    return this.#runner.tensors(what);
  }

  #rank(ranker: Ranker, phase: 'validate' | 'test'): Promise<UserRanks> {
    const { epoch } = this.#loop.state;
    const report = (done: number, total: number) =>
      this.#loop.progress.report(phase, { epoch, done, total, unit: 'users' });
    return ranker.rank(report, this.#context.signal);
  }

  /**
   * Ranks with the selected epoch's parameters. An epoch that was selected on the test items is reported beside the
   * last one, whose ranks are of the split "final".
   */
  async test(): Promise<TrainingOutcome> {
    const { seconds, epoch, bestValue } = this.#loop.state;
    const { validation } = this.#context.split;
    await this.#ranker?.release();
    const ranker = this.#trainee.ranker('test', this.#context.listLength, 'result', this.hostTables);
    const ranks: UserRanks[] = [];
    if (!validation && bestValue !== null) {
      ranks.push({ ...(await this.#rank(ranker, 'test')), split: 'final' });
    }
    await this.#loop.loadSelected();
    const measures: Record<string, number> = {};
    if (validation) {
      const validator = this.#trainee.ranker('valid', 0, 'result', this.hostTables);
      ranks.push(await this.#rank(validator, 'validate'));
      Object.assign(measures, validator.measures?.());
    }
    ranks.push(await this.#rank(ranker, 'test'));
    Object.assign(measures, ranker.measures?.());
    const finalEpoch = this.#config.selection === 'final-epoch';
    return {
      status: 'completed',
      epochs: epoch,
      selectedEpoch: this.#loop.selectedEpoch,
      seconds,
      ranks,
      measures,
      selection: finalEpoch ? 'final-epoch' : validation ? 'validation' : 'test',
    };
  }
}

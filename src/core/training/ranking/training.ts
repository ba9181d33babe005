import { type RankingData, rowsOfPart, TEST, TRAIN, VALID } from '../../data/clicks/index.ts';
import { countParameters, type HostArrays } from '../../engine/index.ts';
import { throwIfCancelled, UserError } from '../../errors.ts';
import { auc, logLoss, normalisedEntropy } from '../../evaluation/classification.ts';
import { type ClickPredictions, clickMetricName, sigmoid } from '../../evaluation/predictions.ts';
import type { RankingModel, RankingSizes } from '../../models/ranking.ts';
import type { RankingConfig } from '../../models/ranking-config.ts';
import { type NamedTensor, readSafetensors } from '../../safetensors.ts';
import { CheckpointKeeper } from '../checkpoint-keeper.ts';
import { readCheckpoint, type TrainerState } from '../checkpoints.ts';
import type { FamilyContext } from '../families.ts';
import { Progress } from '../progress.ts';
import { learningRateAt } from '../schedule.ts';
import { SeriesBuffer } from '../series-buffer.ts';
import { StepRunner } from '../step-runner.ts';
import { type RankingBatches, rankingBatches } from './batches.ts';
import { rankingStep } from './step.ts';

/** A long epoch is checkpointed in between. */
const CHECKPOINT_SECONDS = 300;

export interface RankingOutcome {
  epochs: number;
  selectedEpoch: number;
  seconds: number;
  predictions: ClickPredictions[];
}

/** Trains a ranking model by gradient steps with validation, early stopping and exact resume, and predicts with the selected epoch. */
export class RankingTraining {
  readonly #model: RankingModel;
  readonly #data: RankingData;
  readonly #config: RankingConfig;
  readonly #context: FamilyContext;
  readonly #runner: StepRunner;
  readonly #batches: RankingBatches;
  readonly #progress: Progress;
  readonly #series: SeriesBuffer;
  readonly #keeper: CheckpointKeeper;
  readonly #train: Int32Array;
  #state: TrainerState = { epoch: 0, step: 0, bestValue: null, bestEpoch: 0, stale: 0, seconds: 0 };
  #begun = performance.now();
  #savedAt = performance.now();

  constructor(model: RankingModel, sizes: RankingSizes, data: RankingData, context: FamilyContext) {
    const config = context.config as RankingConfig;
    const { spec, device, emit } = context;
    this.#model = model;
    this.#data = data;
    this.#config = config;
    this.#context = context;
    this.#train = rowsOfPart(data.parts, TRAIN);
    this.#runner = new StepRunner(rankingStep(model, sizes), config, device, spec.seed);
    this.#batches = rankingBatches(model, sizes, data, config, spec.seed);
    this.#progress = new Progress(emit, config.epochs);
    this.#series = new SeriesBuffer(emit);
    this.#keeper = new CheckpointKeeper(spec.runDir, emit);
  }

  /** Loads the initial parameters, or the checkpoint to continue from. */
  async begin(): Promise<void> {
    const { spec, started } = this.#context;
    if (spec.resumeFrom) {
      const { tensors, state } = readCheckpoint(spec.resumeFrom, this.#runner.hostTables.targets('all'));
      this.#state = state;
      this.#keeper.resumeFrom(spec.resumeFrom, state);
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
      if (await this.#validate()) {
        this.#keeper.saveBest(await this.#runner.tensors('parameters'), this.#stateNow());
      }
      await this.#saveLast();
    }
    this.#series.flush();
  }

  async #epoch(): Promise<void> {
    const { epoch } = this.#state;
    const { stepsPerEpoch } = this.#batches;
    const total = stepsPerEpoch * this.#config.epochs;
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
    const { epoch, step } = this.#state;
    const { evaluateEvery, epochs, selection } = this.#config;
    if (epoch % evaluateEvery !== 0 && epoch !== epochs) return false;
    const metrics = watchedMetrics(await this.predict('valid', 'validate'));
    for (const [metric, value] of Object.entries(metrics)) this.#series.add(metric, step, epoch, value);
    this.#series.flush();
    if (selection === 'final-epoch') return false;
    const value = metrics[selection];
    if (value === undefined) {
      throw new UserError(
        'the validation rows have one label only, so selection=valid/auc cannot choose an epoch',
      );
    }
    const { bestValue } = this.#state;
    const better = bestValue === null || (selection === 'valid/auc' ? value > bestValue : value < bestValue);
    if (better) Object.assign(this.#state, { bestValue: value, bestEpoch: epoch, stale: 0 });
    else this.#state.stale++;
    return better;
  }

  async #saveLast(): Promise<void> {
    this.#series.flush();
    this.#keeper.saveLast(await this.#runner.tensors('all'), this.#stateNow());
    this.#savedAt = performance.now();
  }

  #stateNow(): TrainerState {
    return { ...this.#state, seconds: (performance.now() - this.#begun) / 1000 };
  }

  /** The log-odds of the rows of a part with the parameters as they are. */
  async predict(split: ClickPredictions['split'], phase: 'validate' | 'test'): Promise<ClickPredictions> {
    const { table, parts } = this.#data;
    const rows = rowsOfPart(parts, split === 'valid' ? VALID : TEST);
    const tasks = table.tasks.length;
    const logits = table.tasks.map(() => new Float32Array(rows.length));
    let done = 0;
    for (const { batch, asked, places } of this.#batches.predictions(rows)) {
      throwIfCancelled(this.#context.signal);
      const values = await this.#runner.predict(batch);
      logits.forEach((own, task) => {
        asked.forEach((row, at) => {
          own[row] = values[places[at] * tasks + task];
        });
      });
      done += asked.length;
      this.#progress.report(phase, { epoch: this.#state.epoch, done, total: rows.length, unit: 'rows' });
    }
    if (logits.some((own) => own.includes(Number.NaN))) {
      throw new UserError(
        'the model predicts what is no number: the run has diverged, try a lower learningRate',
      );
    }
    return { split, tasks: table.tasks, logits, ...this.#described(rows) };
  }

  #described(rows: Int32Array): Omit<ClickPredictions, 'split' | 'tasks' | 'logits'> {
    const { labels, users, items } = this.#data.table;
    const ids = (column: Int32Array | null) => Int32Array.from(rows, (row) => column?.[row] ?? -1);
    const counts = (column: Int32Array | null) => {
      const seen = new Map<number, number>();
      if (column) for (const row of this.#train) seen.set(column[row], (seen.get(column[row]) ?? 0) + 1);
      return Int32Array.from(rows, (row) =>
        column === null || column[row] < 0 ? -1 : (seen.get(column[row]) ?? 0),
      );
    };
    return {
      ...{ rows, users: ids(users), items: ids(items) },
      labels: labels.map((column) => Uint8Array.from(rows, (row) => column[row])),
      itemCounts: counts(items),
      userCounts: counts(users),
    };
  }

  /** Predicts validation and test rows with the selected epoch's parameters. */
  async test(): Promise<RankingOutcome> {
    const { seconds, epoch, bestEpoch, bestValue } = this.#stateNow();
    if (bestValue !== null) {
      const best = this.#keeper.readBest(bestEpoch, this.#runner.hostTables.targets('parameters'));
      await this.#runner.load(valuesOf(best));
    }
    const predictions = [await this.predict('valid', 'validate'), await this.predict('test', 'test')];
    return { epochs: epoch, selectedEpoch: bestValue === null ? epoch : bestEpoch, seconds, predictions };
  }

  /** Predicts with the parameters of a checkpoint and trains nothing. */
  async evaluate(
    path: string,
    epoch: number,
    splits: readonly ('valid' | 'test')[],
  ): Promise<RankingOutcome> {
    await this.#runner.initialise();
    await this.#runner.load(valuesOf(readSafetensors(path, this.#runner.hostTables.targets('parameters'))));
    this.#context.started(countParameters(this.#model), 0);
    const predictions: ClickPredictions[] = [];
    for (const split of splits) {
      predictions.push(await this.predict(split, split === 'valid' ? 'validate' : 'test'));
    }
    const seconds = (performance.now() - this.#begun) / 1000;
    return { epochs: epoch, selectedEpoch: epoch, seconds, predictions };
  }
}

/** What every validation counts of the main task; one label only has neither AUC nor NE. */
function watchedMetrics({ split, tasks, labels, logits }: ClickPredictions): Record<string, number> {
  const [truth, scores] = [labels[0], logits[0]];
  const probabilities = Float64Array.from(scores, sigmoid);
  const metrics = {
    auc: auc(truth, scores),
    logloss: logLoss(truth, probabilities),
    ne: normalisedEntropy(truth, probabilities),
  };
  return Object.fromEntries(
    Object.entries(metrics)
      .filter(([, value]) => Number.isFinite(value))
      .map(([metric, value]) => [clickMetricName(split, 0, tasks, metric), value]),
  );
}

function valuesOf(tensors: Record<string, NamedTensor>): HostArrays {
  return Object.fromEntries(Object.entries(tensors).map(([name, { data }]) => [name, data]));
}

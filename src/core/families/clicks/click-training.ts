import { type ClickData, rowsOfPart, TEST, TRAIN, VALID } from '../../data/clicks/index.ts';
import { countParameters } from '../../engine/index.ts';
import { throwIfCancelled, UserError } from '../../errors.ts';
import { auc, logLoss, normalisedEntropy } from '../../evaluation/classification.ts';
import { diverged } from '../../evaluation/diverged.ts';
import { type ClickPredictions, clickMetricName } from '../../evaluation/predictions.ts';
import { readSafetensors } from '../../files/safetensors.ts';
import { countsOf } from '../../math/information.ts';
import { Progress } from '../../training/progress.ts';
import type { RunContext } from '../../training/run-context.ts';
import {
  type LoopOutcome,
  type LoopState,
  type LoopTask,
  type MetricValues,
  type StepInfo,
  valuesOf,
} from '../../training/step-loop.ts';
import { StepRunner } from '../../training/step-runner.ts';
import { type Starting, startWhereNamed } from '../../training/warm-start.ts';
import { CandidateScorer } from './candidate-scorer.ts';
import { type PredictedRows, RowBatches } from './click-batches.ts';
import type { ClickConfig } from './click-config.ts';
import type { ClickModel, ClickSizes } from './click-model.ts';
import { clickStep } from './click-step.ts';
import { readsSequences, UserBatches } from './user-batches.ts';

export interface ClickOutcome {
  epochs: number;
  selectedEpoch: number;
  seconds: number;
  predictions: ClickPredictions[];
}

/** Trains a click model by gradient steps with validation, early stopping and exact resume, and predicts with the selected epoch. */
export class ClickTraining implements LoopTask {
  readonly better: 'higher' | 'lower';
  readonly store: StepRunner;
  readonly stepsPerEpoch: number;
  readonly parameters: number;
  readonly #data: ClickData;
  readonly #context: RunContext<ClickConfig>;
  readonly #batches: RowBatches | UserBatches;
  readonly #predictions: (rows: Int32Array) => AsyncIterable<PredictedRows>;
  readonly #train: Int32Array;
  readonly #start: Starting;

  /** `startRows`: where the rows of its tables stand in those of the run that it starts from. */
  constructor(
    model: ClickModel,
    sizes: ClickSizes,
    data: ClickData,
    context: RunContext<ClickConfig>,
    startRows: Starting['rows'],
  ) {
    const { spec, device, config } = context;
    this.#data = data;
    this.#context = context;
    this.#train = rowsOfPart(data.parts, TRAIN);
    const step = clickStep(model, sizes);
    this.store = new StepRunner(step, config, device, spec.seed);
    this.#start = { model: step, store: this.store, rows: startRows };
    if (readsSequences(model)) {
      this.#batches = new UserBatches(model, sizes, data, config, spec.seed);
      const { hostTables } = this.store;
      const scorer = new CandidateScorer(model, sizes, data, { config, device, hostTables });
      this.#predictions = (rows) => scorer.predictions(rows);
    } else {
      const batches = new RowBatches(model, sizes, data, config, spec.seed);
      this.#batches = batches;
      this.#predictions = (rows) => batches.predictions(rows, (batch) => this.store.predict(batch));
    }
    this.better = config.selection === 'valid/auc' ? 'higher' : 'lower';
    this.stepsPerEpoch = this.#batches.stepsPerEpoch;
    this.parameters = countParameters(model);
  }

  /** From the parameters of another run, where the config names one. */
  prepare(): Promise<void> {
    return startWhereNamed(this.#context, this.#start);
  }

  async step({ epoch, index, step, learningRate }: StepInfo) {
    const batches = this.#batches.step(epoch, index);
    return { 'train/loss': await this.store.step(step, learningRate, batches) };
  }

  async validate(state: LoopState): Promise<MetricValues> {
    return watchedMetrics(await this.#predict('valid', state));
  }

  selected(values: MetricValues): number | null {
    const { selection } = this.#context.config;
    if (selection === 'final-epoch') return null;
    const value = values[selection];
    if (value !== undefined) return value;
    throw new UserError(
      'the validation rows have one label only, so selection=valid/auc cannot choose an epoch',
    );
  }

  /** The log-odds of the rows of a part with the parameters as they are. */
  async #predict(
    split: ClickPredictions['split'],
    { epoch, progress }: Pick<LoopState, 'epoch' | 'progress'>,
  ): Promise<ClickPredictions> {
    const phase = split === 'valid' ? 'validate' : 'test';
    const { table, parts } = this.#data;
    const rows = rowsOfPart(parts, split === 'valid' ? VALID : TEST);
    const tasks = table.tasks.length;
    const logits = table.tasks.map(() => new Float32Array(rows.length));
    let done = 0;
    for await (const { requested, logits: values } of this.#predictions(rows)) {
      throwIfCancelled(this.#context.signal);
      logits.forEach((taskLogits, task) => {
        requested.forEach((row, at) => {
          taskLogits[row] = values[at * tasks + task];
        });
      });
      done += requested.length;
      progress.report(phase, { epoch, done, total: rows.length, unit: 'rows' });
    }
    if (logits.some((taskLogits) => taskLogits.includes(Number.NaN))) {
      throw diverged('the model predicts NaN');
    }
    return { split, tasks: table.tasks, logits, ...this.#described(rows) };
  }

  #described(rows: Int32Array): Omit<ClickPredictions, 'split' | 'tasks' | 'logits'> {
    const { labels, users, items } = this.#data.table;
    const ids = (column: Int32Array | null) => Int32Array.from(rows, (row) => column?.[row] ?? -1);
    const counts = (column: Int32Array | null) => {
      const seen = countsOf(Int32Array.from(column ? this.#train : [], (row) => column?.[row] ?? -1));
      return Int32Array.from(rows, (row) =>
        column === null || column[row] < 0 ? -1 : (seen.get(column[row]) ?? 0),
      );
    };
    return {
      rows,
      users: ids(users),
      items: ids(items),
      labels: labels.map((column) => Uint8Array.from(rows, (row) => column[row])),
      itemCounts: counts(items),
      userCounts: counts(users),
    };
  }

  /** Predicts validation and test rows with the selected epoch's parameters. */
  async test(loop: LoopOutcome): Promise<ClickOutcome> {
    const { epoch, selectedEpoch, seconds } = loop;
    await loop.loadSelected();
    const predictions = [await this.#predict('valid', loop), await this.#predict('test', loop)];
    return { epochs: epoch, selectedEpoch, seconds, predictions };
  }

  /** Predicts with the parameters of a checkpoint, or of a model that has none to learn, and trains nothing. */
  async evaluate(
    path: string | null,
    epoch: number,
    splits: readonly ('valid' | 'test')[],
  ): Promise<ClickOutcome> {
    const begun = performance.now();
    await this.store.initialise();
    if (path !== null)
      await this.store.load(valuesOf(readSafetensors(path, this.store.hostTables.targets('parameters'))));
    this.#context.started(this.parameters, 0);
    const progress = new Progress(this.#context.emit, epoch);
    const predictions: ClickPredictions[] = [];
    for (const split of splits) {
      predictions.push(await this.#predict(split, { epoch, progress }));
    }
    const seconds = (performance.now() - begun) / 1000;
    return { epochs: epoch, selectedEpoch: epoch, seconds, predictions };
  }
}

/** What every validation counts of the main task; one label only has neither AUC nor NE. */
function watchedMetrics({ split, tasks, labels, logits }: ClickPredictions): Record<string, number> {
  const [truth, scores] = [labels[0], logits[0]];
  const metrics = {
    auc: auc(truth, scores),
    logloss: logLoss(truth, scores),
    ne: normalisedEntropy(truth, scores),
  };
  return Object.fromEntries(
    Object.entries(metrics)
      .filter(([, value]) => Number.isFinite(value))
      .map(([metric, value]) => [clickMetricName(split, 0, tasks, metric), value]),
  );
}

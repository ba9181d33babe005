/** What a sweep found: its trials in order, the best first. Test results have no part in it. */
import { rankedTrials } from '../evaluation/choice.ts';
import { mean, meanOfKnown } from '../evaluation/metrics.ts';
import { comparisonKey } from '../evaluation/protocol.ts';
import { standardDeviation } from '../evaluation/significance.ts';
import { UNFINISHED } from '../store/runs/run-life.ts';
import type { OwnRun, RunStatus } from '../store/types.ts';
import type { Settings } from './search/space.ts';
import type { StudyCell, SweepSpec } from './study.ts';

/** A mean over seeds, and their standard deviation if there are several. */
export interface SeedMean {
  metric: string;
  mean: number;
  std: number | null;
}

/** The best validation until so many epochs. */
export interface RungValue {
  epochs: number;
  value: number;
}

export interface SweepTrial {
  /** From 1, in the order in which the trials were made. */
  number: number;
  settings: Settings;
  /** By seed, each with its own value of the metric that ranks the trials once it has completed. */
  runs: (Pick<TrialRun, 'id' | 'name' | 'seed' | 'status' | 'message'> & { value: number | null })[];
  /** Of the first run that has not completed; null where one is missing. */
  status: RunStatus | null;
  /** Why that run ended as it did. */
  message: string | null;
  /** Of the metric that ranks the trials, over all seeds; null until all of them have completed, or the trial has reached a rung. */
  value: Omit<SeedMean, 'metric'> | null;
  /** Those that the trial has reached, where trials are stopped early. */
  rungs: readonly RungValue[];
  /** Place among the trials with a value, from 1. */
  rank: number | null;
  /** Means over the seeds that have completed. */
  epochs: number | null;
  seconds: number | null;
  /** That were asked for, of the same runs: less were run where training stopped early. */
  plannedEpochs: number | null;
}

export interface SweepResult {
  /** Best first, then those without a value. */
  trials: SweepTrial[];
  /** Test result of the best trial alone; null without one, or where nothing is tested. */
  test: SeedMean | null;
  /** Why no trial is the best, where some have a value. */
  problem: string | null;
}

const noBestTrial = (key: string | undefined) =>
  `The trials were measured ${key === undefined ? 'by different protocols' : `with different values of ${key}, which changes the evaluation`}, so that none of them can be called the best.`;

/** What a trial's run says; of one of another program, as that program states it. */
export interface TrialRun
  extends Pick<
    OwnRun,
    | ('id' | 'name' | 'seed' | 'config')
    | ('status' | 'message' | 'epochs' | 'seconds')
    | ('protocol' | 'metrics')
  > {
  /** Where trials are stopped early. */
  rungs?: readonly RungValue[];
}

/** `runs`: those that there are, with their cells. */
export function sweepResult(
  spec: SweepSpec,
  runs: readonly { cell: StudyCell; run: TrialRun }[],
): SweepResult {
  const { metric, incomparable } = spec.sweep;
  const bySize = Map.groupBy(runs, ({ cell }) => cell.size);
  const runsOf = (number: number) => (bySize.get(number - 1) ?? []).map(({ run }) => run);
  const trials = spec.sizes.map(({ config }, at): SweepTrial => {
    const ofTrial = runsOf(at + 1);
    const completed = ofTrial.filter(({ status }) => status === 'completed');
    const open = ofTrial.find(({ status }) => status !== 'completed');
    const own = ofTrial.find(({ seed }) => seed === spec.seeds[0]);
    const rungs = own?.rungs ?? [];
    const goesOn = own !== undefined && !UNFINISHED.includes(own.status);
    const trained = completed.length > 0 ? completed : ofTrial.filter(({ status }) => status === 'stopped');
    return {
      number: at + 1,
      settings: config,
      runs: ofTrial.map((run) => ({ ...ownOf(run), value: seedMean([run], metric)?.mean ?? null })),
      status: open?.status ?? (completed.length >= spec.seeds.length ? 'completed' : null),
      message: open?.message ?? null,
      value:
        completed.length >= spec.seeds.length
          ? seedMean(completed, metric)
          : goesOn
            ? valueAt(rungs.at(-1))
            : null,
      rungs,
      rank: null,
      epochs: meanOfKnown(trained.map(({ epochs, rungs }) => epochs ?? rungs?.at(-1)?.epochs ?? null)),
      seconds: meanOfKnown(trained.map(({ seconds }) => seconds)),
      plannedEpochs: meanOfKnown(
        trained.map(({ config }) => (typeof config.epochs === 'number' ? config.epochs : null)),
      ),
    };
  });
  const measured = trials.flatMap((trial) =>
    trial.value === null
      ? []
      : [
          {
            ...{ trial, mean: trial.value.mean, seconds: trial.seconds, size: trial.number },
            stage: stageOf(spec, trial),
          },
        ],
  );
  const keys = measured
    .flatMap(({ size }) => runsOf(size))
    // One that was stopped has been measured by no protocol yet.
    .flatMap(({ protocol, status }) => (status === 'completed' ? protocol && comparisonKey(protocol) : []));
  const order = rankedTrials(spec.sweep, measured, keys);
  const ranked = (order ?? []).map(({ trial }, at) => ({ ...trial, rank: at + 1 }));
  const rest = trials.filter(({ value }) => order === null || value === null);
  const tested = ranked.length > 0 ? runsOf(ranked[0].number) : [];
  return {
    trials: [...ranked, ...rest],
    test: testOf(tested, metric),
    problem: order === null && measured.length > 0 ? noBestTrial(incomparable) : null,
  };
}

const ownOf = ({ id, name, seed, status, message }: TrialRun) => ({ id, name, seed, status, message });

const valueAt = (rung: RungValue | undefined): SweepTrial['value'] =>
  rung ? { mean: rung.value, std: null } : null;

/** What was trained from more seeds, then what was trained to its end, then to a later rung, is chosen before what was not. */
export function stageOf({ sweep, seeds }: SweepSpec, { runs, rungs }: SweepTrial): number {
  const completed = runs.filter(({ status }) => status === 'completed').length;
  if (sweep.finalists && completed >= sweep.finalists.seeds.length) return ALL_SEEDS;
  return completed >= seeds.length ? TO_THE_END : rungs.length;
}

const TO_THE_END = 1e6;
const ALL_SEEDS = 2e6;

/** The test result in the metric that ranks the trials; for language models, the test AUC of their answers. */
function testOf(runs: readonly Pick<TrialRun, 'metrics'>[], chosenBy: string): SeedMean | null {
  const names = [chosenBy.replace(/^valid\//, 'test/'), 'test/auc'];
  const metric = names.find(
    (name) => name.startsWith('test/') && runs.some(({ metrics }) => name in metrics),
  );
  const found = metric === undefined ? null : seedMean(runs, metric);
  return metric !== undefined && found ? { metric, ...found } : null;
}

/** Null where a run lacks the metric, or it is not a number. */
function seedMean(runs: readonly Pick<TrialRun, 'metrics'>[], metric: string): SweepTrial['value'] {
  const values = runs.map(({ metrics }) => metrics[metric] ?? Number.NaN);
  if (values.length === 0 || !values.every(Number.isFinite)) return null;
  return { mean: mean(values), std: values.length > 1 ? standardDeviation(values) : null };
}

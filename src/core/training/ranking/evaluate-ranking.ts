/** Evaluates a checkpoint again, under the protocol of another config, without training. */
import { existsSync } from 'node:fs';
import { countParameters } from '../../engine/index.ts';
import { UserError } from '../../errors.ts';
import type { EvaluationSplit, NextItemProtocol, UserRanks } from '../../evaluation/types.ts';
import type { CheckpointEvaluation } from '../events.ts';
import { Progress, type ReportDone } from '../progress.ts';
import type { MetricValues } from '../step-loop.ts';
import { loadStored } from '../stored-model.ts';
import type { RankingContext, RankingOutcome } from './context.ts';
import { secondsOfList } from './evaluation-set.ts';
import type { TrainingPlan } from './train-ranking.ts';

interface Ranked {
  ranks: UserRanks;
  measures: MetricValues;
}

/** Ranks one split, with lists of `topK` items. */
export type RankSplit = (which: EvaluationSplit, topK: number, report: ReportDone) => Promise<Ranked>;

/**
 * Evaluates a checkpoint of a model that is trained by steps.
 * Throws UserError where the checkpoint was deleted or is of another model, or a split has no held-out items.
 */
export function evaluatePlan(
  { model, ranker }: Pick<TrainingPlan, 'model' | 'ranker'>,
  evaluation: CheckpointEvaluation,
  context: RankingContext,
): Promise<RankingOutcome> {
  const { device, signal, started } = context;
  const { path } = evaluation;
  return rankSplits(evaluation, context, selectionOf(evaluation, context), async () => {
    const tables = await loadStored(model, path, device);
    started(countParameters(model), 0);
    return async (which, topK, report) => {
      await using ranking = ranker(which, topK, 'result', tables);
      const ranks = await ranking.rank(report, signal);
      return { ranks, measures: ranking.measures?.() ?? {} };
    };
  });
}

/** What chose the checkpoint of a model that is trained by steps. */
export function selectionOf(
  { kind }: CheckpointEvaluation,
  { split, config }: Pick<RankingContext, 'split' | 'config'>,
): NextItemProtocol['selection'] {
  if (kind === 'last' || config.selection === 'final-epoch') return 'final-epoch';
  return split.validation ? 'validation' : 'test';
}

/** Ranks the requested splits with what `prepare` opens. */
export async function rankSplits(
  { path, epoch, splits }: CheckpointEvaluation,
  { split, listLength, emit }: RankingContext,
  selection: NextItemProtocol['selection'],
  prepare: () => Promise<RankSplit>,
): Promise<RankingOutcome> {
  if (!existsSync(path)) throw new UserError(`${path}: the checkpoint no longer exists; train the run again`);
  const possible = splits.filter((which) => which !== 'valid' || split.validation);
  if (possible.length === 0) {
    throw new UserError('the run held out no validation items (protocol=paper): evaluate its test items');
  }
  const begun = performance.now();
  const rank = await prepare();
  const progress = new Progress(emit, epoch);
  const ranked: Ranked[] = [];
  let listSeconds: number | null = null;
  for (const which of possible) {
    const phase = which === 'test' ? 'test' : 'validate';
    const report: ReportDone = (done, total, unit = 'users') =>
      progress.report(phase, { epoch, done, total, unit });
    const since = performance.now();
    const found = await rank(which, which === 'test' ? listLength : 0, report);
    if (which === 'test') listSeconds = secondsOfList(since, found.ranks);
    ranked.push(found);
  }
  return {
    status: 'completed',
    epochs: epoch,
    selectedEpoch: epoch,
    seconds: (performance.now() - begun) / 1000,
    listSeconds,
    ranks: ranked.map(({ ranks }) => ranks),
    measures: Object.assign({}, ...ranked.map(({ measures }) => measures)),
    selection,
  };
}

/** Trains, fits or evaluates a model that scores every item for a user. */

import { trainingSchema } from '../../training/config.ts';
import { contentOf } from '../../training/content.ts';
import type { RunResult } from '../../training/events.ts';
import { type RankingContext, type RankingOutcome, rankingContext } from '../../training/ranking/context.ts';
import { evaluatePlan } from '../../training/ranking/evaluate-ranking.ts';
import { rankingResult } from '../../training/ranking/result.ts';
import { trainBySteps } from '../../training/ranking/train-ranking.ts';
import type { RunContext } from '../../training/run-context.ts';
import { evaluateFit, fitModel } from './fit.ts';
import type { NextItemDefinition } from './next-item-model.ts';
import { trainingPlan } from './plan.ts';
import { targetTimeOf } from './relative-bias.ts';

/** Throws UserError where the data set has nothing to test. */
export async function trainNextItem(model: NextItemDefinition, run: RunContext): Promise<RunResult> {
  const context = await rankingContext(run);
  const outcome = await train(model, run, context);
  return rankingResult(outcome, run, context, targetTimeOf(run.config));
}

function train(model: NextItemDefinition, run: RunContext, context: RankingContext): Promise<RankingOutcome> {
  const { config } = run;
  const { evaluate } = run.spec;
  if (model.kind === 'fitted') {
    const built = model.build(config);
    return evaluate ? evaluateFit(built, evaluate, context) : fitModel(built, context, () => contentOf(run));
  }
  const { users, items } = context.data;
  const settings = trainingSchema.parse(config);
  const plan = trainingPlan(model.build(config, { users, items }), settings, context);
  return evaluate ? evaluatePlan(plan, evaluate, context) : trainBySteps(plan, settings, context);
}

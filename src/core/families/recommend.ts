import { UserError } from '../errors.ts';
import type { RecommendRequest, ScoredItem } from './model.ts';
import { configOfRun, findModel } from './registry.ts';

/**
 * The k best items for a user, best first: after the whole history, which is left out, or as if predicting
 * the test item.
 * Throws UserError where the model recommends nothing by itself, or the checkpoint is of another model.
 */
export function recommend(request: RecommendRequest): Promise<ScoredItem[]> {
  const model = findModel(request.model);
  if (!model.recommend) throw new UserError(`${model.id} recommends no items by itself`);
  return model.recommend({ ...request, config: configOfRun({ model: model.id, config: request.config }) });
}

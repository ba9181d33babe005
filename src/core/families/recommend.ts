import { UserError } from '../errors.ts';
import { configFor } from './config-of.ts';
import { loadModel } from './load-model.ts';
import type { ListsRequest, ListsUse, RecommendRequest, ScoredItem } from './model.ts';

/**
 * The k best items for a user, best first: after the whole history, which is left out, or as if predicting
 * the test item.
 * Throws UserError where the model recommends nothing by itself, or the checkpoint is of another model.
 */
export async function recommend(
  request: RecommendRequest,
  use?: Omit<ListsUse, 'take'>,
): Promise<ScoredItem[]> {
  const model = await loadModel(request.model);
  if (!model.recommend) throw new UserError(`${model.id} recommends no items by itself`);
  return model.recommend({ ...request, config: configFor(model, request.config) }, use);
}

/**
 * The lists of all users, or of those with a test item. Throws UserError where the model recommends nothing by itself, or makes
 * lists alone and every candidate is asked for.
 */
export async function recommendAll(request: ListsRequest, use: ListsUse): Promise<void> {
  const model = await loadModel(request.model);
  if (!model.recommendAll) throw new UserError(`${model.id} recommends no items by itself`);
  if (request.k === null && !model.openScorer)
    throw new UserError(`${model.title} makes lists and scores no catalogue; ask for lists of a length`);
  return model.recommendAll({ ...request, config: configFor(model, request.config) }, use);
}

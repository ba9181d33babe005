import { sideNames } from '../data/side/types.ts';
import { UserError } from '../errors.ts';
import { trainingPart } from '../training/ranking/context.ts';
import { type ScoredUser, type ScoreUsers, scoreEach } from '../training/ranking/scorer.ts';
import { configFor } from './config-of.ts';
import { loadModel } from './load-model.ts';

/** Throws UserError where the run's model scores no catalogue, or the checkpoint is of another model. */
export const scoreUsers: ScoreUsers = async (run, interactions, users, device, use, signal) => {
  const model = await loadModel(run.model);
  const { openScorer } = model;
  if (!openScorer) {
    throw new UserError(`run ${run.name} scores no catalogue; name a run of a model that ranks all items`);
  }
  const config = configFor(model, run.config);
  if (sideNames(config.sideFeatures).length > 0) {
    throw new UserError(
      `run ${run.name} reads side features (${config.sideFeatures}), which are not at hand here; name a run without`,
    );
  }
  const { data, hidden } = trainingPart(interactions, config);
  /** Histories have no hidden items, so that they end earlier. */
  const readable = ({ user, end }: ScoredUser): ScoredUser => {
    if (!hidden) return { user, end };
    const history = interactions.itemIds.subarray(interactions.offsets[user], end);
    return { user, end: data.offsets[user] + history.filter((item) => !hidden[item]).length };
  };
  const { checkpoint } = run;
  await scoreEach(
    openScorer,
    { config, checkpoint, data, device: async () => device },
    users.length,
    (index) => readable(users[index]),
    (_, scores, index) => use(index, scores),
    { signal },
  );
};

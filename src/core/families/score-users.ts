import { throwIfCancelled, UserError } from '../errors.ts';
import { trainingPart } from '../training/ranking/context.ts';
import type { ScoredUser, ScoreUsers } from '../training/ranking/scorer.ts';
import { configFor } from './config-of.ts';
import { loadModel } from './load-model.ts';

/** Users scored at once. */
const ROWS = 16;

/** Throws UserError where the run's model scores no catalogue, or the checkpoint is of another model. */
export const scoreUsers: ScoreUsers = async (run, interactions, users, device, use, signal) => {
  const model = await loadModel(run.model);
  const { openScorer } = model;
  if (!openScorer) {
    throw new UserError(`run ${run.name} scores no catalogue; name a run of a model that ranks all items`);
  }
  const config = configFor(model, run.config);
  const { data, hidden } = trainingPart(interactions, config);
  /** Histories have no hidden items, so that they end earlier. */
  const readable = ({ user, end }: ScoredUser): ScoredUser => {
    if (!hidden) return { user, end };
    const history = interactions.itemIds.subarray(interactions.offsets[user], end);
    return { user, end: data.offsets[user] + history.filter((item) => !hidden[item]).length };
  };
  const { checkpoint } = run;
  const scorer = await openScorer({ config, checkpoint, data, rows: ROWS, device: async () => device });
  try {
    for (let from = 0; from < users.length; from += ROWS) {
      throwIfCancelled(signal);
      const chunk = users.slice(from, from + ROWS);
      const scores = await scorer.scores(chunk.map(readable));
      chunk.forEach((_, row) => {
        use(from + row, scores.subarray(row * data.items, (row + 1) * data.items));
      });
    }
  } finally {
    await scorer.release();
  }
};

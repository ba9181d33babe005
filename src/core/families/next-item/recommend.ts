import { openInteractions } from '../../data/read.ts';
import { type DeviceContext, openDevice } from '../../engine/index.ts';
import { UserError } from '../../errors.ts';
import { selectTop } from '../../evaluation/ranking.ts';
import { protocolSchema } from '../../training/config.ts';
import { trainingPart } from '../../training/ranking/context.ts';
import { listBasis } from '../../training/ranking/evaluation-set.ts';
import type { RecommendRequest, ScoredItem } from '../model.ts';
import type { NextItemDefinition } from './next-item-model.ts';
import { openScorer } from './ranking/catalogue-scorer.ts';

/** The k best items for a user, best first. */
export async function recommendNextItems(
  definition: NextItemDefinition,
  request: RecommendRequest,
): Promise<ScoredItem[]> {
  const { config, checkpoint, user, k } = request;
  const protocol = protocolSchema.parse(config);
  const part = trainingPart(await openInteractions(request.datasetDir), config);
  const { data } = part;
  const { end, filtered } = listBasis(part, protocol, request);
  let opened: DeviceContext | null = null;
  const device = async () => {
    opened = (await openDevice(request.device, { threads: request.threads })).context;
    return opened;
  };
  try {
    const longest = end - data.offsets[user];
    const scorer = await openScorer(definition, { config, checkpoint, data, rows: 1, longest, device });
    const scores = await scorer.scores([{ user, end }]);
    if (scores.some(Number.isNaN)) throw new UserError('a score is not a number; the run has diverged');
    const removed = new Uint8Array(data.items);
    for (const item of filtered) removed[item] = 1;
    const top = selectTop(scores, Math.min(k, data.items), removed);
    return Array.from(
      top.filter((item) => item >= 0),
      (item) => ({ item, score: scores[item] }),
    );
  } finally {
    await (opened as DeviceContext | null)?.dispose();
  }
}

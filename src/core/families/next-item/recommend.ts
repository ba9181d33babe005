import { type DeviceContext, openDevice } from '../../engine/index.ts';
import { diverged } from '../../evaluation/diverged.ts';
import { selectTop } from '../../evaluation/ranking.ts';
import { protocolSchema } from '../../training/config.ts';
import { openTrainingPart } from '../../training/ranking/context.ts';
import { listBasis, listedUsers } from '../../training/ranking/evaluation-set.ts';
import { scoreEach } from '../../training/ranking/scorer.ts';
import type { ListsRequest, ListsUse, RecommendRequest, ScoredItem } from '../model.ts';
import type { NextItemDefinition } from './next-item-model.ts';
import { openScorer } from './ranking/catalogue-scorer.ts';

/** The k best items for a user, best first. */
export async function recommendNextItems(
  definition: NextItemDefinition,
  request: RecommendRequest,
): Promise<ScoredItem[]> {
  const { config, checkpoint, user, k } = request;
  const protocol = protocolSchema.parse(config);
  const part = await openTrainingPart(request.datasetDir, config);
  const { data } = part;
  const { end, filtered } = listBasis(part, protocol, request);
  return withDevice(request, async (device) => {
    const longest = end - data.offsets[user];
    await using scorer = await openScorer(definition, { config, checkpoint, data, rows: 1, longest, device });
    return bestOf(await scorer.scores([{ user, end }]), filtered, k);
  });
}

/** The k best items of one row of scores, best first. Throws UserError where a score is not a number. */
function bestOf(scores: Float32Array, filtered: ReadonlySet<number>, k: number): ScoredItem[] {
  if (scores.some(Number.isNaN)) throw diverged('a score is not a number');
  const removed = new Uint8Array(scores.length);
  for (const item of filtered) removed[item] = 1;
  const top = selectTop(scores, Math.min(k, scores.length), removed);
  return Array.from(
    top.filter((item) => item >= 0),
    (item) => ({ item, score: scores[item] }),
  );
}

/** The lists of many users. */
export async function recommendToAll(
  definition: NextItemDefinition,
  request: ListsRequest,
  { take, onProgress, signal }: ListsUse,
): Promise<void> {
  const { config, checkpoint, place, k } = request;
  const protocol = protocolSchema.parse(config);
  const part = await openTrainingPart(request.datasetDir, config);
  const { data } = part;
  const users = listedUsers(part, place);
  await withDevice(request, (device) =>
    scoreEach(
      (opened) => openScorer(definition, opened),
      { config, checkpoint, data, device },
      users.length,
      (index) => ({ user: users[index], ...listBasis(part, protocol, { user: users[index], place }) }),
      ({ user, filtered }, scores) => take(user, bestOf(scores, filtered, k ?? data.items)),
      { signal, onProgress: (done, total) => onProgress?.({ done, total }) },
    ),
  );
}

/** A device that is opened where the model computes on one. */
async function withDevice<T>(
  { device: wanted, threads }: Pick<RecommendRequest, 'device' | 'threads'>,
  use: (device: () => Promise<DeviceContext>) => Promise<T>,
): Promise<T> {
  let opened: DeviceContext | null = null;
  try {
    return await use(async () => {
      opened = (await openDevice(wanted, { threads })).context;
      return opened;
    });
  } finally {
    await (opened as DeviceContext | null)?.dispose();
  }
}

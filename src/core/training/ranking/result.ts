import { countItems } from '../../data/splits/item-counts.ts';
import { beyondAccuracyMetrics, categoryMetrics } from '../../evaluation/beyond-accuracy.ts';
import { coldMetrics, unseenItems } from '../../evaluation/cold-items.ts';
import { itemFacts, listMetrics } from '../../evaluation/list-metrics.ts';
import { distinctUsers, rankMetrics } from '../../evaluation/metrics.ts';
import { statedSamples } from '../../evaluation/samples.ts';
import type { EvaluationSplit, NextItemProtocol, UserRanks } from '../../evaluation/types.ts';
import type { RunResult } from '../events.ts';
import type { MetricValues } from '../step-loop.ts';
import { LIST_LENGTH, type RankingContext, type RankingOutcome } from './context.ts';
import { readItemDetails } from './item-details.ts';
import { protocolOf } from './protocol.ts';

/** Metrics and protocol of what was trained or evaluated; `extras` are protocol fields that only the family knows. */
export async function rankingResult(
  outcome: RankingOutcome,
  context: RankingContext,
  extras: Partial<NextItemProtocol> = {},
): Promise<RunResult> {
  const popularity = countItems(context.data, context.trainEnd);
  const cold = context.hidden ?? unseenItems(context.config.split, popularity);
  const listed = outcome.ranks.some(({ topK }) => topK >= LIST_LENGTH);
  const details = listed ? await readItemDetails(context.spec.datasetDir, context.data) : {};
  const items = itemFacts(popularity, details);
  const metrics: MetricValues = {};
  for (const ranks of outcome.ranks) {
    Object.assign(metrics, rankMetrics(ranks));
    if (cold && ranks.split !== 'valid') Object.assign(metrics, coldMetrics(ranks, cold));
    if (ranks.topK < LIST_LENGTH) continue;
    const lists = { lists: ranks.topItems, length: ranks.topK, cutoff: LIST_LENGTH, popularity };
    Object.assign(metrics, listMetrics(ranks, LIST_LENGTH, items));
    Object.assign(metrics, beyondAccuracyMetrics(lists, ranks.split, details.content));
    if (context.categories) Object.assign(metrics, categoryMetrics(lists, context.categories, ranks.split));
  }
  Object.assign(metrics, outcome.measures);
  const { status, epochs, selectedEpoch, seconds, listSeconds, selection } = outcome;
  const ranks = outcome.ranks.map(withStoredLists);
  const target = ranks.some(({ split }) => split === 'test') ? 'test' : 'valid';
  const samples = ranks.flatMap(
    (of) => statedSamples(of.split, distinctUsers(of).length, usersWith(context, of.split)).samples ?? [],
  );
  const { config, summary, data } = context;
  const protocol = {
    ...protocolOf(config, { summary, data, target, selection }),
    ...extras,
    ...(samples.length > 0 ? { samples } : {}),
  };
  return { status, epochs, selectedEpoch, seconds, listSeconds, metrics, ranks, protocol };
}

const usersWith = ({ split }: RankingContext, which: EvaluationSplit) =>
  split.usersWithTargets(which === 'valid' ? 'valid' : 'test').length;

/** With lists no longer than those that are stored. */
function withStoredLists(ranks: UserRanks): UserRanks {
  const { topK, topItems } = ranks;
  if (topK <= LIST_LENGTH) return ranks;
  return { ...ranks, topK: LIST_LENGTH, topItems: topItems.filter((_, at) => at % topK < LIST_LENGTH) };
}

/** The family of models that score every item for a user: reads the interactions, trains or fits, selects, ranks. */
import { hideItems } from '../../data/hidden-items.ts';
import { openInteractions } from '../../data/read.ts';
import { leaveLastOut, trainedOn } from '../../data/split.ts';
import { UserError } from '../../errors.ts';
import { beyondAccuracyMetrics, categoryMetrics } from '../../evaluation/beyond-accuracy.ts';
import { coldMetrics } from '../../evaluation/cold-items.ts';
import { rankMetrics } from '../../evaluation/metrics.ts';
import type { UserRanks } from '../../evaluation/types.ts';
import { categoriesOfDataset } from '../../semantic-ids/measures/dataset.ts';
import type { DataConfig, ProtocolConfig } from '../../training/config.ts';
import { contentOf } from '../../training/content.ts';
import type { RunResult } from '../../training/events.ts';
import {
  candidatesOf,
  LIST_LENGTH,
  listingOf,
  type TrainingContext,
  type TrainingOutcome,
} from '../../training/ranking/context.ts';
import { evaluateCheckpoint } from '../../training/ranking/evaluate.ts';
import { protocolOf } from '../../training/ranking/protocol.ts';
import { trainModel } from '../../training/ranking/train.ts';
import type { FamilyContext } from '../family.ts';
import type { NextItemDefinition } from '../model.ts';
import { fitModel } from './fit.ts';
import { countItems } from './popularity.ts';

/** Throws UserError where the data set has nothing to test. */
export async function trainNextItem(model: NextItemDefinition, family: FamilyContext): Promise<RunResult> {
  const context = await rankingContext(family);
  const outcome = await train(model, family, context);
  return rankingResult(outcome, family, context);
}

/**
 * The interactions as the config's protocol divides them.
 * Throws UserError where the data set has nothing to test.
 */
export async function rankingContext(family: FamilyContext): Promise<TrainingContext> {
  const { spec, config, summary, device, emit, signal } = family;
  const { protocol } = config as ProtocolConfig;
  const validation = protocol === 'validated';
  const { data, hidden } = await rankedInteractions(spec.datasetDir, config as ProtocolConfig);
  const split = leaveLastOut(data, { validation });
  if (split.evaluatedUsers === 0) {
    throw new UserError(
      `data set "${summary.name}" has no user with ${validation ? 3 : 2} or more interactions; nothing could be tested`,
    );
  }
  const trainEnd = trainedOn(split, (config as DataConfig).trainUsers);
  const categories = await categoriesOfDataset(spec.datasetDir);
  const listing = listingOf(data.items, categories?.labels ?? null);
  return { ...{ spec, data, split, trainEnd, hidden, device, emit, signal }, ...listing };
}

/** The interactions with the candidates counted and new items hidden, as the config asks. */
export async function rankedInteractions(
  datasetDir: string,
  config: ProtocolConfig,
): Promise<Pick<TrainingContext, 'data' | 'hidden'>> {
  const data = candidatesOf(await openInteractions(datasetDir), config);
  const { coldItems, coldSeed, protocol } = config;
  if (coldItems === 0) return { data, hidden: null };
  return hideItems(data, coldItems, coldSeed, protocol === 'validated' ? 2 : 1);
}

function train(
  model: NextItemDefinition,
  family: FamilyContext,
  context: TrainingContext,
): Promise<TrainingOutcome> {
  const { config, started } = family;
  const sizes = { users: context.data.users, items: context.data.items };
  if (context.spec.evaluate) {
    return evaluateCheckpoint(model, config, context.spec.evaluate, context, started);
  }
  if (model.kind === 'trained') {
    return trainModel(model.build(config, sizes), config, context, started);
  }
  const content = () => contentOf(family);
  return fitModel(model.build(config, sizes), config as ProtocolConfig, context, content, started);
}

/** Metrics and protocol of what was trained or evaluated. */
export function rankingResult(
  outcome: TrainingOutcome,
  { config, summary }: FamilyContext,
  context: TrainingContext,
): RunResult {
  const popularity = countItems({ interactions: context.data, trainEnd: context.trainEnd });
  const metrics: Record<string, number> = {};
  for (const ranks of outcome.ranks) {
    Object.assign(metrics, rankMetrics(ranks));
    if (context.hidden && ranks.split !== 'valid') Object.assign(metrics, coldMetrics(ranks, context.hidden));
    if (ranks.topK < LIST_LENGTH) continue;
    const lists = { lists: ranks.topItems, length: ranks.topK, cutoff: LIST_LENGTH, popularity };
    Object.assign(metrics, beyondAccuracyMetrics(lists, ranks.split));
    if (context.categories) Object.assign(metrics, categoryMetrics(lists, context.categories, ranks.split));
  }
  Object.assign(metrics, outcome.measures);
  const { status, epochs, selectedEpoch, seconds } = outcome;
  const ranks = outcome.ranks.map(withStoredLists);
  const target = ranks.some((r) => r.split === 'test') ? 'test' : 'valid';
  const protocol = protocolOf(config, { summary, target, selection: outcome.selection });
  return { status, epochs, selectedEpoch, seconds, metrics, ranks, protocol };
}

/** With lists no longer than those that are stored. */
function withStoredLists(ranks: UserRanks): UserRanks {
  const { topK, topItems } = ranks;
  if (topK <= LIST_LENGTH) return ranks;
  return { ...ranks, topK: LIST_LENGTH, topItems: topItems.filter((_, at) => at % topK < LIST_LENGTH) };
}

/** What is measured of the recommendations of another program, under the protocol of ours. */
import { contentTerms } from '../../content/index.ts';
import { openInteractions, readSummary } from '../../data/read.ts';
import { countItems } from '../../data/splits/item-counts.ts';
import { beyondAccuracyMetrics } from '../../evaluation/beyond-accuracy.ts';
import { rankMetrics } from '../../evaluation/metrics.ts';
import { PROTOCOL_VERSION } from '../../evaluation/protocol.ts';
import type { NextItemProtocol, UserRanks } from '../../evaluation/types.ts';
import { protocolSchema } from '../../training/config.ts';
import { LIST_LENGTH, trainingPart } from '../../training/ranking/context.ts';
import { evaluationSet, rankingRule } from '../../training/ranking/evaluation-set.ts';
import { protocolOf } from '../../training/ranking/protocol.ts';
import type { ResultRole } from './columns.ts';
import { type ListFacts, rankLists } from './rank-lists.ts';
import { type ReadFacts, readLists } from './read-lists.ts';

/** What only the user of the other program knows. */
export interface StatedProtocol {
  /** Whether it was trained on the validation items, too. */
  trainedOnValidation: boolean;
  /** What chose its checkpoint. */
  selection: NextItemProtocol['selection'];
}

export interface ResultRequest {
  path: string;
  datasetDir: string;
  /** Which held-out items the lists are for. */
  split: 'test' | 'valid';
  map: Partial<Record<ResultRole, string>>;
  stated: StatedProtocol;
}

/** What a file of recommendations came to, how much of it could be used, and what of the protocol was checked. */
export interface MeasuredResult {
  metrics: Record<string, number>;
  ranks: UserRanks;
  protocol: NextItemProtocol;
  facts: ReadFacts & ListFacts;
}

/**
 * Measures a file of recommendations of another program. Metrics beyond the length of its lists are left out: nothing is known of
 * them. Throws UserError for a file that cannot be read, or is not of this data set.
 */
export async function measureResult(request: ResultRequest): Promise<MeasuredResult> {
  const { path, datasetDir, split: which, map, stated } = request;
  const summary = readSummary(datasetDir);
  const config = protocolSchema.parse({ protocol: stated.trainedOnValidation ? 'paper' : 'validated' });
  const part = trainingPart(await openInteractions(datasetDir), config);
  const { lists, facts: read } = await readLists(path, { datasetDir, map });
  const { ranks, facts: listed } = rankLists(
    part.data,
    evaluationSet(part.split, which),
    lists,
    rankingRule(config),
  );
  const metrics = rankMetrics(ranks);
  if (ranks.topK >= LIST_LENGTH) {
    const popularity = countItems(part.data, part.trainEnd);
    const request = { lists: ranks.topItems, length: ranks.topK, cutoff: LIST_LENGTH, popularity };
    Object.assign(metrics, beyondAccuracyMetrics(request, which, await contentTerms(datasetDir)));
  }
  const protocol = protocolOf(config, {
    summary,
    data: part.data,
    target: which,
    selection: stated.selection,
  });
  const filter = listed.withHistory > 0 && listed.listLength !== null ? 'none' : protocol.historyFilter;
  return {
    ...{ metrics, ranks, facts: { ...read, ...listed } },
    protocol: { ...protocol, version: PROTOCOL_VERSION, historyFilter: filter },
  };
}

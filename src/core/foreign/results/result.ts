/** What is measured of the recommendations of another program, under the protocol of ours. */
import { basename, dirname, join } from 'node:path';
import { contentTerms } from '../../content/index.ts';
import { openInteractions, readSummary } from '../../data/read.ts';
import { countItems } from '../../data/splits/item-counts.ts';
import type { DatasetSummary, Interactions } from '../../data/types.ts';
import { UserError } from '../../errors.ts';
import { beyondAccuracyMetrics } from '../../evaluation/beyond-accuracy.ts';
import { coldMetrics, unseenItems } from '../../evaluation/cold-items.ts';
import { rankMetrics } from '../../evaluation/metrics.ts';
import { PROTOCOL_VERSION } from '../../evaluation/protocol.ts';
import type { NextItemProtocol, UserRanks } from '../../evaluation/types.ts';
import { protocolSchema } from '../../training/config.ts';
import { LIST_LENGTH, trainingPart } from '../../training/ranking/context.ts';
import { evaluationSet, rankingRule } from '../../training/ranking/evaluation-set.ts';
import { protocolOf } from '../../training/ranking/protocol.ts';
import {
  MANIFEST,
  manifestIn,
  readManifest,
  requireSameSplit,
  type SplitChoice,
  splitChoice,
} from '../split/manifest.ts';
import type { ResultPhase } from './columns.ts';
import { type ListFacts, rankLists } from './rank-lists.ts';
import { type ReadFacts, readLists } from './read-lists.ts';
import type { ResultRequest } from './request.ts';

/** `datasetDir`: the folder of its data set. */
type MeasureRequest = Omit<ResultRequest, 'dataset'> & { datasetDir: string };

export interface SplitFacts {
  /** The name of the manifest that shows that it is of this split; without one that is only stated. */
  manifest?: string;
}

/** What a file of recommendations came to, how much of it could be used, and what of the protocol was checked. */
export interface MeasuredResult {
  metrics: Record<string, number>;
  ranks: UserRanks;
  protocol: NextItemProtocol;
  facts: ReadFacts & ListFacts & SplitFacts;
}

/**
 * Measures a file of recommendations of another program. Metrics beyond the length of its lists are left out: nothing is known of
 * them. Throws UserError for a file that cannot be read, or is not of this data set.
 */
export async function measureResult(
  request: MeasureRequest,
  { signal, onProgress }: { signal?: AbortSignal; onProgress?(progress: { phase: ResultPhase }): void } = {},
): Promise<MeasuredResult> {
  const { path, datasetDir, split: which, map, stated } = request;
  onProgress?.({ phase: 'read' });
  const summary = readSummary(datasetDir);
  const data = await openInteractions(datasetDir);
  const { choice, facts: split } = heldOut(request, summary, data);
  const protocolKey = stated.trainedOnValidation ? 'paper' : 'validated';
  const config = protocolSchema.parse({ ...choice, protocol: protocolKey });
  const part = trainingPart(data, config);
  const { lists, facts: read } = await readLists(path, { datasetDir, map, ids: request.ids }, signal);
  onProgress?.({ phase: 'measure' });
  const { ranks, facts: listed } = rankLists(
    part.data,
    evaluationSet(part.split, which),
    lists,
    rankingRule(config),
  );
  const metrics = rankMetrics(ranks);
  const popularity = countItems(part.data, part.trainEnd);
  const cold = which === 'test' ? unseenItems(config.split, popularity) : null;
  if (cold) Object.assign(metrics, coldMetrics(ranks, cold));
  if (ranks.topK >= LIST_LENGTH) {
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
    ...{ metrics, ranks, facts: { ...read, ...listed, ...split } },
    protocol: { ...protocol, version: PROTOCOL_VERSION, historyFilter: filter },
  };
}

/** What a result holds out. Throws UserError where its manifest is of another split, or says it besides the user. */
function heldOut(
  { path, manifest: given, held }: MeasureRequest,
  summary: DatasetSummary,
  data: Interactions,
): { choice: SplitChoice; facts: SplitFacts } {
  const where = given ?? join(dirname(path), MANIFEST);
  const manifest = given === null ? manifestIn(where) : readManifest(where);
  if (manifest === null) return { choice: splitChoice(held), facts: {} };
  if (Object.keys(held).length > 0)
    throw new UserError(`${where}: says what is held out; leave --set ${Object.keys(held)[0]} out`);
  requireSameSplit(where, manifest, { summary, data });
  return { choice: manifest.split, facts: { manifest: basename(where) } };
}

/** What is measured of the recommendations of another program, under the protocol of ours. */
import { basename, dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { openInteractions, readSummary, readUserIds } from '../../data/read.ts';
import { countItems } from '../../data/splits/item-counts.ts';
import type { DatasetSummary, Interactions } from '../../data/types.ts';
import { throwIfCancelled, UserError } from '../../errors.ts';
import { beyondAccuracyMetrics } from '../../evaluation/beyond-accuracy.ts';
import { coldMetrics, unseenItems } from '../../evaluation/cold-items.ts';
import { itemFacts, listMetrics } from '../../evaluation/list-metrics.ts';
import { isKnown, metricsOfRanks, pickRows, rankMetrics } from '../../evaluation/metrics.ts';
import type { NegativesRule } from '../../evaluation/negatives.ts';
import { PROTOCOL_VERSION } from '../../evaluation/protocol.ts';
import type { NextItemProtocol, UserRanks } from '../../evaluation/types.ts';
import { sha256 } from '../../files/sha256.ts';
import { countText } from '../../names.ts';
import {
  type ProtocolConfig,
  protocolConflict,
  protocolDefaults,
  protocolFields,
  protocolSchema,
} from '../../training/config.ts';
import { LIST_LENGTH, type TrainingPart, trainingPart } from '../../training/ranking/context.ts';
import { type EvaluationSet, evaluationSet, rankingRule } from '../../training/ranking/evaluation-set.ts';
import { readItemDetails } from '../../training/ranking/item-details.ts';
import { protocolOf } from '../../training/ranking/protocol.ts';
import { negativesOf, sampledProtocol } from '../../training/ranking/rank-among.ts';
import {
  MANIFEST,
  manifestIn,
  readManifest,
  requireSameSplit,
  splitChoiceSchema,
} from '../split/manifest.ts';
import type { Part, ResultProgress } from './columns.ts';
import type { ReadFacts, ResultLists, UsersBehind } from './lists.ts';
import { type ListFacts, rankLists } from './rank-lists.ts';
import { type ReadResult, readLists } from './read-lists.ts';
import { askedReading, type ResultRequest } from './request.ts';
import { NEARLY_ALL, type SplitFacts, type UnknownFact } from './unknown.ts';

/** `datasetDir`: the folder of its data set. */
type MeasureRequest = Omit<ResultRequest, 'dataset'> & { datasetDir: string };

/** What a file of recommendations came to, how much of it could be used, and what of the protocol was checked. */
export interface MeasuredResult {
  /** Model, fold and seed where the file names them. */
  part: Part;
  metrics: Record<string, number>;
  ranks: UserRanks;
  protocol: NextItemProtocol;
  facts: ReadFacts & ListFacts & SplitFacts;
  /** Whom its counts are of. */
  behind: UsersBehind;
}

/**
 * Measures a file of recommendations of another program: one result, or one for each model, fold and seed that it names. Metrics beyond
 * the length of its lists are left out: nothing is known of them. Throws UserError for a file that cannot be read, or is not of this
 * data set.
 */
export async function measureResults(
  request: MeasureRequest,
  { signal, onProgress }: { signal?: AbortSignal; onProgress?(progress: ResultProgress): void } = {},
): Promise<MeasuredResult[]> {
  const { path, datasetDir, map, ids, ascending, skipBadRows } = request;
  onProgress?.({ phase: 'read' });
  const summary = readSummary(datasetDir);
  const data = await openInteractions(datasetDir);
  const { config, facts } = protocolOfResult(request, summary, data);
  const part = trainingPart(data, config);
  const results = await readLists(path, { datasetDir, map, ids, ascending, skipBadRows }, signal);
  onProgress?.({ phase: 'measure' });
  const measure = await measurer(request, { summary, config, part });
  const split: SplitFacts = { ...facts, sha256: await sha256(path), asked: askedReading(request) };
  const measured: MeasuredResult[] = [];
  for (const [done, result] of results.entries()) {
    onProgress?.({ phase: 'measure', result: partName(result.part), done, total: results.length });
    await setImmediate();
    throwIfCancelled(signal);
    measured.push(measure(result, split));
  }
  return measured;
}

/** "BERT4Rec 2024": what tells it apart in its file; empty for the only one. */
export const partName = (part: Part) => Object.values(part).join(' ');

interface Measured {
  summary: DatasetSummary;
  config: ProtocolConfig;
  part: TrainingPart;
}

/** Measures one result after another; what they share is read once. */
async function measurer(
  { split: which, stated, candidates, datasetDir, negatives }: MeasureRequest,
  { summary, config, part }: Measured,
): Promise<(result: ReadResult, split: SplitFacts) => MeasuredResult> {
  const set: EvaluationSet = evaluationSet(part.split, which, config);
  const popularity = countItems(part.data, part.trainEnd);
  const cold = which === 'test' ? unseenItems(config.split, popularity) : null;
  const details = await readItemDetails(datasetDir, part.data);
  const items = itemFacts(popularity, details);
  const userIds = await readUserIds(datasetDir);
  const protocol = {
    ...protocolOf(config, {
      ...{ summary, data: part.data, target: which },
      selection: stated.selection ?? ('unknown' as const),
    }),
    version: PROTOCOL_VERSION,
  } as const;
  return ({ part: named, lists, facts: read, behind: inFile }, split) => {
    const {
      ranks,
      facts: listed,
      behind,
    } = rankLists(part.data, set, lists, rankingRule(config), candidates);
    const metrics = rankMetrics(ranks);
    if (cold) Object.assign(metrics, coldMetrics(ranks, cold));
    if (ranks.topK >= LIST_LENGTH && listed.sampled === undefined) {
      const request = { lists: ranks.topItems, length: ranks.topK, cutoff: LIST_LENGTH, popularity };
      Object.assign(metrics, listMetrics(ranks, LIST_LENGTH, items));
      Object.assign(metrics, beyondAccuracyMetrics(request, which, details.content));
    }
    const sampled = listed.sampled;
    const drawn = sampled !== undefined && negatives ? { ...negatives, count: sampled - 1 } : null;
    if (drawn) requireNegatives(lists, set, part, { rule: drawn, userIds });
    return {
      ...{ part: named, metrics, ranks },
      protocol: {
        ...protocol,
        ...(sampled === undefined ? {} : { candidates: 'sampled' as const, sampledItems: sampled }),
        ...(drawn && sampledProtocol(drawn)),
        ...(split.unknown?.includes('split') ? { splitKnown: 'no' as const } : {}),
      },
      facts: { ...read, ...listed, ...split, ...covered(ranks, listed) },
      behind: {
        ...inFile,
        ...Object.fromEntries(
          Object.entries(behind).map(([count, users]) => [count, users.map((user) => userIds[user])]),
        ),
      },
    };
  };
}

/** Throws UserError where a list has another candidate set than the held-out item and the negatives that the rule draws. */
function requireNegatives(
  lists: ResultLists,
  { users, targets }: EvaluationSet,
  part: TrainingPart,
  { rule, userIds }: { rule: NegativesRule; userIds: readonly string[] },
): void {
  const draw = negativesOf(part, rule);
  const placeOf = new Map([...lists.users].map((user, at) => [user, at]));
  for (const [at, user] of users.entries()) {
    const place = placeOf.get(user);
    if (place === undefined) continue;
    const candidates = new Set([targets[at], ...draw(user)]);
    const { items } = lists.list(place);
    if (items.length === candidates.size && items.every((item) => candidates.has(item))) continue;
    throw new UserError(
      `user ${userIds[user]} has another candidate set than the held-out item and ${countText(rule.count, 'negative')} drawn by --negatives-by ${rule.by} --negatives-seed ${rule.seed}; ` +
        'leave --negatives-by out where another program drew them',
    );
  }
}

/** Where more than nearly none have no list: the main metrics of those who have one. */
function covered(ranks: UserRanks, { withoutList, testUsers }: ListFacts): Pick<SplitFacts, 'covered'> {
  const { lengths } = ranks;
  if (lengths === undefined || withoutList <= NEARLY_ALL * testUsers) return {};
  const own = Int32Array.from(lengths.keys()).filter((row) => lengths[row] > 0);
  const all = Object.entries(metricsOfRanks(pickRows(ranks, own), [10])).filter(([name]) =>
    isKnown(ranks, name),
  );
  return { covered: Object.fromEntries(all) };
}

const { protocol: kind, targets, historyFilter, historyWindow, rankLimit, candidates } = protocolFields;
const shares = splitChoiceSchema.shape;
/** What a user may say of the protocol of another program. */
const heldSchema = splitChoiceSchema
  .extend({ protocol: kind, targets, historyFilter, historyWindow, rankLimit, candidates })
  .partial();

/**
 * The protocol under which a result is measured, and what of it is known. Throws UserError where a manifest is of another split, or
 * says what the user says besides.
 */
function protocolOfResult(
  { path, manifest: given, held, stated, split: which }: MeasureRequest,
  summary: DatasetSummary,
  data: Interactions,
): { config: ProtocolConfig; facts: SplitFacts } {
  const said = statedProtocol(held);
  const where = given ?? join(dirname(path), MANIFEST);
  const manifest = given === null ? manifestIn(where) : readManifest(where);
  const [twice] = Object.keys(held).filter((key) => key in shares);
  if (manifest !== null) {
    if (twice !== undefined) throw new UserError(`${where}: says what is held out; leave --set ${twice} out`);
    requireSameSplit(where, manifest, { summary, data });
  }
  const isPaper = said.protocol === 'paper';
  if (isPaper && stated.trainedOnValidation === false)
    throw new UserError(
      'protocol=paper trains on the validation items, which is said not to have been done; leave one out',
    );
  const trained = isPaper ? true : stated.trainedOnValidation;
  if (trained && which === 'valid')
    throw new UserError(
      'a result that was trained on the validation items cannot be measured on them; leave --split valid out',
    );
  const config = protocolSchema.parse({
    ...protocolDefaults(said.protocol, Object.keys(protocolFields)),
    ...manifest?.split,
    ...(manifest === null ? {} : { targets: manifest.targets }),
    ...said,
    protocol: trained ? 'paper' : 'validated',
  });
  const conflict = protocolConflict(config);
  if (conflict !== null) throw new UserError(conflict.problem);
  if (config.targets === 'successive')
    throw new UserError(
      'a file has one list per user, and targets=successive needs one for each target; set targets=all or first',
    );
  const unknown: Record<UnknownFact, boolean> = {
    split: manifest === null && said.split === undefined && !isPaper,
    selection: stated.selection === null,
    trainedOnValidation: trained === null,
    tuning: stated.tuning === null,
    seed: true,
  };
  const facts: SplitFacts = {
    ...(manifest === null ? {} : { manifest: basename(where) }),
    ...(stated.tuning === null ? {} : { tuning: stated.tuning }),
    unknown: (Object.keys(unknown) as UnknownFact[]).filter((fact) => unknown[fact]),
  };
  return { config, facts };
}

/** Throws UserError for keys that no protocol of a result has, and for values that they do not have. */
function statedProtocol(held: Record<string, unknown>): Partial<ProtocolConfig> {
  const parsed = heldSchema.safeParse(held);
  // Defaults of what was not said would be said by nobody.
  if (parsed.success)
    return Object.fromEntries(
      Object.entries(parsed.data).filter(([key]) => key in held),
    ) as Partial<ProtocolConfig>;
  const [{ path, message }] = parsed.error.issues;
  throw new UserError(
    `the protocol: ${[...path, message].join(': ')}; its keys are ${Object.keys(heldSchema.shape).join(', ')}`,
  );
}

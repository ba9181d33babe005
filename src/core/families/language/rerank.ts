/** Ranks of the held-out item among a list of candidates: drawn ones, or the best of another run. */

import { throwIfCancelled } from '../../errors.ts';
import type { ListFigures, Rerank, RerankFigures } from '../../evaluation/language-evaluation.ts';
import { mean, perUserMetric } from '../../evaluation/metrics.ts';
import { selectTop } from '../../evaluation/ranking.ts';
import { Random } from '../../math/random.ts';
import type { ScoredRun } from '../../training/ranking/scorer.ts';
import { itemGuesses, TEST_SEED } from './answers.ts';
import { distinct } from './baselines.ts';
import { CachedDecoder } from './cached.ts';
import type { LanguageEvaluationOptions } from './evaluation-options.ts';
import { itemNotOf, seenWordings } from './text/examples.ts';
import { sequenceOf } from './text/packing.ts';

/** Best items of the retriever that are candidates. */
const RETRIEVED = 100;

interface CandidateList {
  user: number;
  /** Where the held-out interaction stands. */
  place: number;
  target: number;
  /** The target among them wherever it was drawn or retrieved. */
  items: Int32Array;
}

/** One list of drawn candidates and one of a retriever's, as the options ask for them. */
export async function rerank(options: LanguageEvaluationOptions, users: Int32Array): Promise<Rerank[]> {
  const { candidates, retriever } = options;
  const results: Rerank[] = [];
  if (candidates > 0) {
    const title = `the held-out item and ${candidates} drawn uniformly from items the user never had`;
    results.push(await reranked(options, { kind: 'drawn', title, lists: drawn(options, users) }));
  }
  if (retriever) {
    const title = `the ${RETRIEVED} best items of ${retriever.name}`;
    const lists = await retrieved(options, retriever, users);
    results.push(await reranked(options, { kind: 'retrieved', title, lists }));
  }
  return results;
}

interface Candidates {
  kind: Rerank['kind'];
  title: string;
  lists: readonly CandidateList[];
}

async function reranked(
  options: LanguageEvaluationOptions,
  { kind, title, lists }: Candidates,
): Promise<Rerank> {
  const others = await otherScores(options, kind, lists);
  const { margins, milliseconds } = await ownMargins(options, lists);
  const all = lists.reduce((sum, { items }) => sum + items.length, 0);
  return {
    kind,
    candidates: title,
    users: lists.length,
    covered: lists.filter(({ items, target }) => items.includes(target)).length,
    figures: [
      rankFigures('this run', lists, margins),
      ...others.map(({ name, scores }) => rankFigures(name, lists, scores)),
    ],
    millisecondsPerCandidate: milliseconds / Math.max(1, all),
  };
}

/** Scores of the candidates by popularity and by the other runs that rank items, the retriever first; of one predictor once. */
async function otherScores(
  { verbaliser, split, device, baselines, retriever, scoreUsers, signal }: LanguageEvaluationOptions,
  kind: Rerank['kind'],
  lists: readonly CandidateList[],
): Promise<{ name: string; scores: number[][] }[]> {
  const popularity = itemGuesses(verbaliser, split).popularity;
  const byCounts = lists.map(({ items }) => Array.from(items, (item) => popularity[item]));
  const scored = [{ name: 'item popularity', scores: byCounts }];
  const ranking = baselines.filter((run) => run.kind === 'scores');
  const runs = kind === 'retrieved' && retriever ? [retriever, ...ranking] : ranking;
  for (const run of new Map(runs.map((run) => [run.checkpoint, run])).values()) {
    const scores: number[][] = [];
    const requests = lists.map(({ user, place }) => ({ user, end: place }));
    const take = (index: number, all: Float32Array) => {
      scores[index] = Array.from(lists[index].items, (item) => all[item]);
    };
    await scoreUsers(run, verbaliser.data, requests, device, take, signal);
    scored.push({ name: run.name, scores });
  }
  return distinct(scored, ({ scores }) => scores);
}

/** log p(yes) - log p(no) of every candidate, and the time spent on prompts and candidates. */
async function ownMargins(
  { verbaliser, decoder, parameters, device, signal, onProgress }: LanguageEvaluationOptions,
  lists: readonly CandidateList[],
): Promise<{ margins: number[][]; milliseconds: number }> {
  await device.load(parameters);
  await using cached = new CachedDecoder(decoder, device);
  const { yes, no } = verbaliser.answerTokens();
  const wording = seenWordings(verbaliser, 'like')[0];
  const margins: number[][] = [];
  let milliseconds = 0;
  for (const { user, place, items } of lists) {
    throwIfCancelled(signal);
    const questions = Array.from(items, (item) => ({ task: 'like', wording, item }) as const);
    const { shared, questions: endings } = verbaliser.questions(user, place, questions);
    const begun = performance.now();
    await cached.begin(sequenceOf(shared, verbaliser.tokenizer, 'last-answer').ids);
    const logs = await cached.candidates(endings, [yes, no]);
    milliseconds += performance.now() - begun;
    margins.push(logs.map(([logYes, logNo]) => logYes - logNo));
    onProgress?.('candidates', margins.length, lists.length);
  }
  return { margins, milliseconds };
}

function drawn(
  { verbaliser, split, candidates }: LanguageEvaluationOptions,
  users: Iterable<number>,
): CandidateList[] {
  const { itemIds } = verbaliser.data;
  return Array.from(users, (user) => {
    const place = split.testIndex(user);
    const target = itemIds[place];
    const random = new Random(TEST_SEED, 0, `candidates/${user}`);
    const items = new Set([target]);
    // A small catalogue may not have as many items that the user never had.
    for (let attempt = 0; items.size <= candidates && attempt < 20 * candidates; attempt++) {
      items.add(itemNotOf(verbaliser, user, place + 1, random));
    }
    return { user, place, target, items: Int32Array.from(items) };
  });
}

/** The retriever's best items, without those of the history; the held-out one stays, though the user had it before. */
export async function retrieved(
  {
    verbaliser,
    split,
    device,
    scoreUsers,
    signal,
  }: Pick<LanguageEvaluationOptions, 'verbaliser' | 'split' | 'device' | 'scoreUsers' | 'signal'>,
  retriever: ScoredRun,
  users: Iterable<number>,
): Promise<CandidateList[]> {
  const { data } = verbaliser;
  const lists: CandidateList[] = [];
  const requests = Array.from(users, (user) => ({ user, end: split.testIndex(user) }));
  const take = (index: number, scores: Float32Array) => {
    const { user, end } = requests[index];
    const removed = new Uint8Array(scores.length);
    for (const item of data.itemIds.subarray(data.offsets[user], end)) removed[item] = 1;
    removed[data.itemIds[end]] = 0;
    const top = selectTop(scores, Math.min(RETRIEVED, scores.length), removed).filter((item) => item >= 0);
    lists[index] = { user, place: end, target: data.itemIds[end], items: top };
  };
  await scoreUsers(retriever, data, requests, device, take, signal);
  return lists;
}

/** Ties count against the scores; a target that is no candidate is never found. */
function rankFigures(
  name: string,
  lists: readonly CandidateList[],
  scores: readonly number[][],
): RerankFigures {
  const ranks = lists.map(({ items, target }, i) => {
    const at = items.indexOf(target);
    if (at < 0) return Number.POSITIVE_INFINITY;
    return scores[i].filter((score) => score >= scores[i][at]).length;
  });
  const found = ranks.filter(Number.isFinite);
  return { name, all: listFigures(ranks), covered: found.length === 0 ? null : listFigures(found) };
}

function listFigures(ranks: readonly number[]): ListFigures {
  const of = (metric: string) => mean(perUserMetric({ ranks }, metric));
  return { hr1: of('hr@1'), hr5: of('hr@5'), hr10: of('hr@10'), ndcg10: of('ndcg@10') };
}

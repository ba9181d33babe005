/** Ranks of the held-out item among a list of candidates: drawn ones, or the best of another run. */
import type { Rerank, RerankFigures } from '../../api/language.ts';
import { throwIfCancelled } from '../../errors.ts';
import { selectTop } from '../../evaluation/ranking.ts';
import { itemNotOf, seenWordings } from '../../language/examples.ts';
import { sequenceOf } from '../../language/packing.ts';
import { Random } from '../../random.ts';
import { catalogueScores } from '../catalogue-scores.ts';
import { itemGuesses, TEST_SEED } from './answers.ts';
import { CachedDecoder } from './cached.ts';
import type { LanguageEvaluationOptions } from './evaluate.ts';

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

/** Null where no candidates are asked for. */
export async function rerank(
  options: LanguageEvaluationOptions,
  users: readonly number[],
): Promise<Rerank | null> {
  const { verbaliser, split, device, against, candidates, retriever, signal, onProgress } = options;
  if (candidates === 0 && retriever === null) return null;
  const lists = retriever ? await retrieved(options, users) : drawn(options, users);
  const popularity = itemGuesses(verbaliser, split).popularity;
  const scored = new Map<string, number[][]>();
  scored.set(
    'item popularity',
    lists.map(({ items }) => Array.from(items, (item) => popularity[item])),
  );
  for (const run of retriever ? [retriever, ...against] : against) {
    const own: number[][] = [];
    const asked = lists.map(({ user, place }) => ({ user, end: place }));
    const take = (index: number, scores: Float32Array) => {
      own[index] = Array.from(lists[index].items, (item) => scores[item]);
    };
    await catalogueScores(run, verbaliser.data, asked, device, take, signal);
    scored.set(run.name, own);
  }
  await device.load(options.parameters);
  const cached = new CachedDecoder(options.decoder, device);
  const { yes, no } = verbaliser.answerTokens();
  const wording = seenWordings(verbaliser, 'like')[0];
  const margins: number[][] = [];
  let spent = 0;
  for (const { user, place, items } of lists) {
    throwIfCancelled(signal);
    const questions = Array.from(items, (item) => ({ task: 'like', wording, item }) as const);
    const { shared, questions: asked } = verbaliser.questions(user, place, questions);
    const begun = performance.now();
    await cached.begin(sequenceOf(shared, verbaliser.tokenizer, 'last-answer').ids);
    const logs = await cached.candidates(asked, [yes, no]);
    spent += performance.now() - begun;
    margins.push(logs.map(([logYes, logNo]) => logYes - logNo));
    onProgress?.('candidates', margins.length, lists.length);
  }
  await cached.release();
  const all = lists.reduce((sum, { items }) => sum + items.length, 0);
  return {
    candidates: retriever
      ? `the ${RETRIEVED} best items of ${retriever.name}`
      : `the held-out item and ${candidates} drawn uniformly from items the user never had`,
    users: lists.length,
    covered: lists.filter(({ items, target }) => items.includes(target)).length,
    figures: [
      rankFigures('this run', lists, margins),
      ...[...scored].map(([name, scores]) => rankFigures(name, lists, scores)),
    ],
    millisecondsPerCandidate: spent / Math.max(1, all),
  };
}

function drawn(
  { verbaliser, split, candidates }: LanguageEvaluationOptions,
  users: readonly number[],
): CandidateList[] {
  const { itemIds } = verbaliser.data;
  return users.map((user) => {
    const place = split.testIndex(user);
    const target = itemIds[place];
    const random = new Random(TEST_SEED, 0, `candidates/${user}`);
    const items = new Set([target]);
    // A small catalogue may not have as many items that the user never had.
    for (let attempt = 0; items.size <= candidates && attempt < 20 * candidates; attempt++) {
      items.add(itemNotOf(verbaliser, user, random));
    }
    return { user, place, target, items: Int32Array.from(items) };
  });
}

/** The retriever's best items that the user has not had before the held-out one. */
async function retrieved(
  options: LanguageEvaluationOptions,
  users: readonly number[],
): Promise<CandidateList[]> {
  const { verbaliser, split, device, retriever, signal } = options;
  const { data } = verbaliser;
  const lists: CandidateList[] = [];
  if (!retriever) return lists;
  const asked = users.map((user) => ({ user, end: split.testIndex(user) }));
  const take = (index: number, scores: Float32Array) => {
    const { user, end } = asked[index];
    const removed = new Uint8Array(scores.length);
    for (const item of data.itemIds.subarray(data.offsets[user], end)) removed[item] = 1;
    const top = selectTop(scores, Math.min(RETRIEVED, scores.length), removed).filter((item) => item >= 0);
    lists[index] = { user, place: end, target: data.itemIds[end], items: top };
  };
  await catalogueScores(retriever, data, asked, device, take, signal);
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
  const share = (value: (rank: number) => number) =>
    ranks.reduce((sum, rank) => sum + value(rank), 0) / ranks.length;
  const hit = (k: number) => share((rank) => (rank <= k ? 1 : 0));
  return {
    name,
    hr1: hit(1),
    hr5: hit(5),
    hr10: hit(10),
    ndcg10: share((rank) => (rank <= 10 ? 1 / Math.log2(rank + 1) : 0)),
  };
}

/** The test of answers: does the member like the held-out item, and what do simpler guesses say? */
import { trainingCounts } from '../../data/splits/item-counts.ts';
import type { Split } from '../../data/splits/split.ts';
import type { Sequence } from '../../decoders/packed-rows.ts';
import {
  auc,
  brier,
  expectedCalibrationError,
  logLoss,
  normalisedEntropy,
} from '../../evaluation/classification.ts';
import type { ClickPredictions } from '../../evaluation/predictions.ts';
import { Random } from '../../math/random.ts';
import type { LanguageScorer, ScoringProgress } from './sequence-scorer.ts';
import { itemNotOf, seenWordings } from './text/examples.ts';
import { sequenceOf } from './text/packing.ts';
import type { Verbaliser } from './text/prompt.ts';
import type { PromptChanges, Question } from './text/prompt-parts.ts';

/** Test questions are the same for every run of a data set. */
export const TEST_SEED = 1;

/** One yes-or-no question about a held-out interaction. */
export interface LikeQuestion {
  user: number;
  /** Where the held-out interaction stands; the history is everything before it. */
  place: number;
  item: number;
  label: 0 | 1;
}

/**
 * Questions about the last (or second last) interaction of some users: whether its rating is a like. Without ratings there
 * are two for each user: the item taken, and one that the user never had.
 */
export function likeQuestions(
  verbaliser: Verbaliser,
  split: Split,
  { users, which }: { users: Iterable<number>; which: 'valid' | 'test' },
): LikeQuestion[] {
  const { data } = verbaliser;
  return [...users].flatMap((user) => {
    const place = which === 'test' ? split.testIndex(user) : split.validIndex(user);
    const item = data.itemIds[place];
    if (data.ratings) return [{ user, place, item, label: verbaliser.likes(place) ? 1 : 0 } as const];
    const other = itemNotOf(verbaliser, user, place + 1, new Random(TEST_SEED, 0, `other/${which}/${user}`));
    return [
      { user, place, item, label: 1 },
      { user, place, item: other, label: 0 },
    ] as const;
  });
}

/** The question as a prompt without its answer. */
export function likePrompt(
  verbaliser: Verbaliser,
  { user, place, item }: Omit<LikeQuestion, 'label'>,
  { wording, ...changes }: { wording?: string } & PromptChanges = {},
): Sequence {
  const question: Question = {
    task: 'like',
    wording: wording ?? seenWordings(verbaliser, 'like')[0],
    item,
  };
  const prompt = verbaliser.prompt(user, place, question, null, changes);
  return sequenceOf(prompt, verbaliser.tokenizer, 'last-answer');
}

/**
 * For every question log p(yes) - log p(no), and the probability of yes among the two, from the first token of the answer.
 */
export async function answerQuestions(
  scorer: LanguageScorer,
  verbaliser: Verbaliser,
  questions: readonly LikeQuestion[],
  options: { wording?: string } & PromptChanges & ScoringProgress = {},
): Promise<{ margins: Float64Array; probabilities: Float64Array }> {
  const { yes, no } = verbaliser.answerTokens();
  const prompts = questions.map((question) => likePrompt(verbaliser, question, options).ids);
  const logs = await scorer.nextTokens(prompts, [yes, no], options);
  const margins = Float64Array.from(logs, ([logYes, logNo]) => logYes - logNo);
  return { margins, probabilities: margins.map((margin) => 1 / (1 + Math.exp(-margin))) };
}

/**
 * Answers as a click model's predictions: a row is an interaction, and where there are two questions about one, two rows. The log-odds
 * are those of yes against no.
 */
export function answersAsPredictions(
  { data }: Verbaliser,
  split: Split,
  questions: readonly LikeQuestion[],
  { margins, task }: { margins: Float64Array; task: string },
): ClickPredictions {
  const counts = trainingCounts(data, split.trainEnds(), data.catalogueItems);
  const column = (of: (question: LikeQuestion) => number) => Int32Array.from(questions, of);
  const each = data.ratings ? 1 : 2;
  return {
    ...{ split: 'test', tasks: [task] },
    rows: Int32Array.from(questions, ({ place }, at) => each * place + (at % each)),
    labels: [Uint8Array.from(questions, ({ label }) => label)],
    logits: [Float32Array.from(margins)],
    users: column(({ user }) => user),
    items: column(({ item }) => item),
    itemCounts: column(({ item }) => counts[item]),
    userCounts: column(({ user }) => split.trainEnd(user) - split.start(user)),
  };
}

/** Metrics of yes-or-no answers. */
export function answerMetrics(labels: readonly number[], margins: Float64Array, probabilities: Float64Array) {
  return {
    auc: auc(labels, margins),
    logloss: logLoss(labels, margins),
    ne: normalisedEntropy(labels, margins),
    brier: brier(labels, probabilities),
    ece: expectedCalibrationError(labels, probabilities),
  };
}

/** What can be said of an item without looking at the member. */
export interface ItemGuesses {
  /** Training interactions of each item. */
  popularity: Float64Array;
  /** Share of likes among them, with the overall share counted as five more; null without ratings. */
  liked: Float64Array | null;
}

/** Counts over the training part. */
export function itemGuesses(verbaliser: Verbaliser, split: Split): ItemGuesses {
  const { data } = verbaliser;
  const popularity = Float64Array.from(trainingCounts(data, split.trainEnds(), data.catalogueItems));
  const positive = new Float64Array(data.catalogueItems);
  for (let user = 0; user < data.users; user++) {
    for (let place = split.start(user); place < split.trainEnd(user); place++) {
      if (verbaliser.likes(place)) positive[data.itemIds[place]]++;
    }
  }
  const total = (counts: Float64Array) => counts.reduce((sum, count) => sum + count, 0);
  const prior = 5;
  const rate = total(positive) / Math.max(1, total(popularity));
  const share = positive.map((count, item) => (count + prior * rate) / (popularity[item] + prior));
  return { popularity, liked: data.ratings ? share : null };
}

/** Baselines that answer the same questions without reading the prompt: item statistics, and other runs. */
import { UserError } from '../../errors.ts';
import { auc, expectedCalibrationError, logit, logLoss } from '../../evaluation/classification.ts';
import { aucInterval, compareAucs, placements } from '../../evaluation/delong.ts';
import type { BaselineFigures } from '../../evaluation/language-evaluation.ts';
import { sigmoid } from '../../evaluation/predictions.ts';
import { holm } from '../../evaluation/significance.ts';
import { itemGuesses, type LikeQuestion } from './answers.ts';
import type { Baseline, LanguageEvaluationOptions } from './evaluation-options.ts';

/** One answer for each question. */
interface Answers {
  name: string;
  scores: Float64Array;
  /** Whether the scores are probabilities of yes. */
  probabilities: boolean;
}

/**
 * What answers the same is one predictor, which is counted and tested once: the first of them, by all of their names. A popularity run is
 * what is always asked by itself, and so is one run that was named twice.
 */
export function distinct<Given extends { name: string }>(
  given: readonly Given[],
  scoresOf: (one: Given) => readonly ArrayLike<number>[],
): Given[] {
  const kept: { one: Given; names: Set<string> }[] = [];
  for (const one of given) {
    const same = kept.find((other) => areSame(scoresOf(other.one), scoresOf(one)));
    if (same) same.names.add(one.name);
    else kept.push({ one, names: new Set([one.name]) });
  }
  return kept.map(({ one, names }) => ({ ...one, name: [...names].join(' = ') }));
}

/** Rows of equal length each. */
function areSame(some: readonly ArrayLike<number>[], others: readonly ArrayLike<number>[]): boolean {
  return some.every((row, at) => Array.prototype.every.call(row, (score, i) => score === others[at][i]));
}

/** Answers of everything but the language model, those of one predictor once. The device's state is replaced. */
export async function baselineAnswers(
  { verbaliser, split, device, baselines, scoreUsers, signal }: LanguageEvaluationOptions,
  questions: readonly LikeQuestion[],
): Promise<Answers[]> {
  const guesses = itemGuesses(verbaliser, split);
  const ofItems = (name: string, values: Float64Array, probabilities: boolean): Answers => ({
    name,
    scores: Float64Array.from(questions, ({ item }) => values[item]),
    probabilities,
  });
  const answers = [ofItems('item popularity', guesses.popularity, false)];
  if (guesses.liked) answers.push(ofItems('share of likes of the item', guesses.liked, true));
  for (const run of baselines) {
    if (run.kind === 'predictions') {
      answers.push({ name: run.name, scores: predictedAnswers(run, questions), probabilities: true });
      continue;
    }
    const scores = new Float64Array(questions.length);
    const requests = questions.map(({ user, place }) => ({ user, end: place }));
    const take = (index: number, all: Float32Array) => {
      scores[index] = all[questions[index].item];
    };
    await scoreUsers(run, verbaliser.data, requests, device, take, signal);
    answers.push({ name: run.name, scores, probabilities: false });
  }
  return distinct(answers, ({ scores }) => [scores]);
}

/** The probabilities that a click model gave the questions' own rows. Throws UserError where it was tested on other rows. */
function predictedAnswers(
  { name, predictions }: Extract<Baseline, { kind: 'predictions' }>,
  questions: readonly LikeQuestion[],
): Float64Array {
  const { users, items, labels, logits } = predictions;
  const rows = new Map(Array.from(users, (user, row) => [user, row]));
  return Float64Array.from(questions, ({ user, item, label }) => {
    const row = rows.get(user) ?? -1;
    if (items[row] !== item || labels[0][row] !== label) {
      throw new UserError(
        `run ${name} was tested on other rows than these questions; train it with split=last, labels=rating and the ` +
          "minRating that is the language model's likeFrom",
      );
    }
    return sigmoid(logits[0][row]);
  });
}

/**
 * Figures of the baselines, with each one's difference in AUC from `margins` on the same questions, after DeLong et al.; the
 * p-values are Holm-adjusted over the baselines. Labels of one kind only leave AUCs undefined (NaN).
 */
export function baselineFigures(
  labels: readonly number[],
  margins: Float64Array,
  baselines: readonly Answers[],
): BaselineFigures[] {
  const modelPlacements = placements(labels, margins);
  const compared = baselines.map(({ name, scores, probabilities }) => {
    const baseline = placements(labels, scores);
    const { value, interval, p } = compareAucs(modelPlacements, baseline);
    return {
      name,
      auc: auc(labels, scores),
      interval: aucInterval(baseline).interval,
      logloss: probabilities ? logLoss(labels, scores.map(logit)) : null,
      ece: probabilities ? expectedCalibrationError(labels, scores) : null,
      difference: { value, interval, p },
    };
  });
  const adjusted = holm(compared.map(({ difference }) => difference.p));
  return compared.map((baseline, at) => ({
    ...baseline,
    difference: { ...baseline.difference, p: adjusted[at] },
  }));
}

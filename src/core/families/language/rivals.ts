/** What answers the same questions without reading the prompt: items alone, and other runs. */

import { UserError } from '../../errors.ts';
import { auc, expectedCalibrationError, logLoss } from '../../evaluation/classification.ts';
import { aucInterval, compareAucs, placements } from '../../evaluation/delong.ts';
import { type ClickPredictions, sigmoid } from '../../evaluation/predictions.ts';
import { adjustPValues } from '../../evaluation/significance.ts';
import type { ScoredRun } from '../../training/ranking/scorer.ts';
import { itemGuesses, type LikeQuestion } from './answers.ts';
import type { LanguageEvaluationOptions } from './evaluate.ts';
import type { RivalFigures } from './evaluation-result.ts';

/** A run that is asked beside the language model. */
export type Rival =
  /** It ranks items: its scores of the whole catalogue are asked for. */
  | ({ kind: 'scores' } & ScoredRun)
  /** It predicts clicks: what it said of its test rows is kept with it. */
  | { kind: 'predictions'; name: string; predictions: ClickPredictions };

/** One answer a question. */
interface Answers {
  name: string;
  scores: Float64Array;
  /** Whether the scores are probabilities of yes. */
  probabilities: boolean;
}

/** Answers of everything but the language model. The device's state is replaced. */
export async function rivalAnswers(
  { verbaliser, split, device, against, scoreUsers, signal }: LanguageEvaluationOptions,
  questions: readonly LikeQuestion[],
): Promise<Answers[]> {
  const guesses = itemGuesses(verbaliser, split);
  const ofItems = (name: string, values: Float64Array, probabilities: boolean): Answers => ({
    ...{ name, probabilities },
    scores: Float64Array.from(questions, ({ item }) => values[item]),
  });
  const rivals = [ofItems('item popularity', guesses.popularity, false)];
  if (guesses.liked) rivals.push(ofItems('share of likes of the item', guesses.liked, true));
  for (const run of against) {
    if (run.kind === 'predictions') {
      rivals.push({ name: run.name, scores: predictedAnswers(run, questions), probabilities: true });
      continue;
    }
    const scores = new Float64Array(questions.length);
    const asked = questions.map(({ user, place }) => ({ user, end: place }));
    const take = (index: number, all: Float32Array) => {
      scores[index] = all[questions[index].item];
    };
    await scoreUsers(run, verbaliser.data, asked, device, take, signal);
    rivals.push({ name: run.name, scores, probabilities: false });
  }
  return rivals;
}

/** The probabilities that a ranking model gave the questions' own rows. Throws UserError where it was asked about others. */
function predictedAnswers(
  { name, predictions }: Extract<Rival, { kind: 'predictions' }>,
  questions: readonly LikeQuestion[],
): Float64Array {
  const { users, items, labels, logits } = predictions;
  const rows = new Map(Array.from(users, (user, row) => [user, row]));
  return Float64Array.from(questions, ({ user, item, label }) => {
    const row = rows.get(user) ?? -1;
    if (items[row] !== item || labels[0][row] !== label) {
      throw new UserError(
        `run ${name} was tested on other rows than those asked about; train it with split=last, labels=rating and the ` +
          "minRating that is the language model's likeFrom",
      );
    }
    return sigmoid(logits[0][row]);
  });
}

/**
 * Figures of the rivals, and what each one's AUC differs by from that of `margins` on the same questions, after DeLong et al.;
 * the p-values are Holm-adjusted over the rivals. Labels of one kind only leave AUCs undefined (NaN).
 */
export function rivalFigures(
  labels: readonly number[],
  margins: Float64Array,
  rivals: readonly Answers[],
): RivalFigures[] {
  const own = placements(labels, margins);
  const compared = rivals.map(({ name, scores, probabilities }) => {
    const theirs = placements(labels, scores);
    const { value, interval, p } = compareAucs(own, theirs);
    return {
      ...{ name, auc: auc(labels, scores), interval: aucInterval(theirs).interval },
      logloss: probabilities ? logLoss(labels, scores) : null,
      ece: probabilities ? expectedCalibrationError(labels, scores) : null,
      difference: { value, interval, p },
    };
  });
  const adjusted = adjustPValues(
    compared.map(({ difference }) => difference.p),
    'holm',
  );
  return compared.map((rival, at) => ({
    ...rival,
    difference: { ...rival.difference, p: adjusted[at] },
  }));
}

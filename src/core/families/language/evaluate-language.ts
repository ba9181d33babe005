/** The evaluation of a trained language model: answers, shots, histories, wordings, tasks, candidates. */
import { trainingCounts } from '../../data/splits/item-counts.ts';
import type { Sequence } from '../../decoders/packed-rows.ts';
import { equalWidthBins } from '../../evaluation/classification.ts';
import { aucInterval, placements } from '../../evaluation/delong.ts';
import {
  type AnswerFigures,
  EVALUATION_FORMAT,
  type LanguageEvaluation,
} from '../../evaluation/language-evaluation.ts';
import { sigmoid } from '../../evaluation/predictions.ts';
import { drawnUsers } from '../../evaluation/samples.ts';
import { Random } from '../../math/random.ts';
import { answerMetrics, answerQuestions, type LikeQuestion, likeQuestions, TEST_SEED } from './answers.ts';
import { baselineAnswers, baselineFigures } from './baselines.ts';
import type { LanguageEvaluationOptions } from './evaluation-options.ts';
import { rerank } from './rerank.ts';
import { LanguageScorer } from './sequence-scorer.ts';
import { availableTasks, questionAt, seenWordings, unseenWording } from './text/examples.ts';
import { sequenceOf } from './text/packing.ts';
import { ratingText, type Verbaliser } from './text/prompt.ts';
import type { PromptChanges, Question } from './text/prompt-parts.ts';
import type { Task } from './text/template.ts';

/** Past interactions of the many-shot curve. */
const SHOTS = [0, 1, 5, 20, 50];
/** Upper ends of the lengths of histories, in interactions, that are measured separately. */
const HISTORY_ENDS = [20, 50, 100, 200];
const SCORED_ROWS = 8;
/** With fewer questions, or all of one kind, an AUC says nothing. */
const FEWEST = 10;

/** Throws UserError where a named run scores no catalogue. */
export async function evaluateLanguage(options: LanguageEvaluationOptions): Promise<LanguageEvaluation> {
  const { verbaliser, split, device, decoder, signal, onProgress } = options;
  const [users, fewerUsers] = [options.users, options.fewerUsers].map((most) =>
    drawnUsers(split.usersWithTargets(), most),
  );
  const questions = likeQuestions(verbaliser, split, { users, which: 'test' });
  const fewer = likeQuestions(verbaliser, split, { users: fewerUsers, which: 'test' });
  const answersOfBaselines = await baselineAnswers(options, questions);
  await device.load(options.parameters);
  await using scorer = new LanguageScorer(decoder, device, SCORED_ROWS);
  const ask: Ask = async (
    what,
    questions: readonly LikeQuestion[],
    given: { wording?: string } & PromptChanges = {},
  ) => {
    const report = (done: number, total: number) => onProgress?.(what, done, total);
    return answerQuestions(scorer, verbaliser, questions, { ...given, signal, onProgress: report });
  };
  const { margins, probabilities } = await ask('answers', questions);
  const labels = questions.map(({ label }) => label);
  const answers = figuresOf(labels, margins, probabilities);
  const calibration = equalWidthBins(labels, probabilities).map(({ count, meanProbability, meanLabel }) => ({
    count,
    meanProbability,
    meanLabel,
  }));
  const shots: LanguageEvaluation['shots'] = [];
  for (const most of SHOTS) {
    const found = await ask(`${most} shots`, fewer, { shots: most });
    const figures = figuresOf(
      fewer.map(({ label }) => label),
      found.margins,
      found.probabilities,
    );
    const shown = fewer.map(({ user, place }) => shownOf(verbaliser, user, place, most));
    shots.push({ shots: most, meanShown: shown.reduce((sum, n) => sum + n, 0) / shown.length, figures });
  }
  const wording = unseenWording(verbaliser, 'like');
  const reworded = wording === null ? null : await ask('unseen wording', fewer, { wording });
  const fewerLabels = fewer.map(({ label }) => label);
  const controls = await askControls(fewer, ask);
  const tasks = await askTasks(options, scorer);
  return {
    format: EVALUATION_FORMAT,
    measuredAt: Date.now(),
    asked: {
      ...{ users: users.length, ofUsers: split.evaluatedUsers, candidates: options.candidates },
      fewerUsers: fewerUsers.length,
      retriever: options.retriever?.name ?? null,
      against: options.baselines.map(({ name }) => name),
    },
    answers,
    controls,
    coldItems: ofColdItems(options, questions, margins),
    rivals: baselineFigures(labels, margins, answersOfBaselines),
    calibration,
    shots,
    histories: byHistory(verbaliser, questions, margins, probabilities),
    unseenWording: reworded && figuresOf(fewerLabels, reworded.margins, reworded.probabilities),
    tasks,
    reranks: await rerank(options, fewerUsers),
  };
}

type Ask = (
  what: string,
  questions: readonly LikeQuestion[],
  given?: { wording?: string } & PromptChanges,
) => Promise<{ margins: Float64Array; probabilities: Float64Array }>;

/**
 * The same questions asked otherwise: what the answers rest on. Adjusted for the prior of yes: less the log-odds of yes to the same
 * prompt of which nothing is known but its form, no past interactions and no titles (contextual calibration, Zhao et al. 2021).
 */
async function askControls(
  questions: readonly LikeQuestion[],
  ask: Ask,
): Promise<LanguageEvaluation['controls']> {
  const labels = questions.map(({ label }) => label);
  const figures = ({ margins, probabilities }: Awaited<ReturnType<Ask>>) =>
    figuresOf(labels, margins, probabilities);
  const plain = await ask('as asked', questions);
  const empty = await ask('prior of yes', questions, { shots: 0, masked: true });
  const shuffled = await ask('shuffled histories', questions, { shuffled: TEST_SEED });
  const masked = await ask('masked titles', questions, { masked: true });
  const adjusted = plain.margins.map((margin, at) => margin - empty.margins[at]);
  return [
    { name: 'as asked', figures: figures(plain) },
    {
      name: 'adjusted for the prior of yes',
      figures: figures({ margins: adjusted, probabilities: adjusted.map(sigmoid) }),
    },
    { name: 'history in random order', figures: figures(shuffled) },
    { name: 'titles masked', figures: figures(masked) },
  ];
}

/** Of items that no training interaction has; null where there are too few. */
function ofColdItems(
  { verbaliser, split }: LanguageEvaluationOptions,
  questions: readonly LikeQuestion[],
  margins: Float64Array,
): AnswerFigures | null {
  const { data } = verbaliser;
  const counts = trainingCounts(data, split.trainEnds(), data.catalogueItems);
  const cold = [...questions.keys()].filter((at) => counts[questions[at].item] === 0);
  const labels = cold.map((at) => questions[at].label);
  if (cold.length < FEWEST || new Set(labels).size < 2) return null;
  const own = Float64Array.from(cold, (at) => margins[at]);
  return figuresOf(labels, own, own.map(sigmoid));
}

function figuresOf(
  labels: readonly number[],
  margins: Float64Array,
  probabilities: Float64Array,
): AnswerFigures {
  const { auc: area, logloss, ece } = answerMetrics(labels, margins, probabilities);
  const { interval } = aucInterval(placements(labels, margins));
  return { questions: labels.length, auc: area, interval, logloss, ece };
}

function shownOf(verbaliser: Verbaliser, user: number, place: number, shots: number): number {
  const question: Question = {
    task: 'like',
    wording: seenWordings(verbaliser, 'like')[0],
    item: verbaliser.data.itemIds[place],
  };
  return verbaliser.prompt(user, place, question, null, { shots }).shown;
}

function byHistory(
  verbaliser: Verbaliser,
  questions: readonly LikeQuestion[],
  margins: Float64Array,
  probabilities: Float64Array,
): LanguageEvaluation['histories'] {
  const lengthOf = ({ user, place }: LikeQuestion) => place - verbaliser.data.offsets[user];
  const ends = [...HISTORY_ENDS, Number.POSITIVE_INFINITY];
  return ends.flatMap((to, at) => {
    const from = at === 0 ? 1 : ends[at - 1] + 1;
    const members = questions
      .map((_, i) => i)
      .filter((i) => {
        const length = lengthOf(questions[i]);
        return length >= from && length <= to;
      });
    const labels = members.map((i) => questions[i].label);
    if (members.length < FEWEST || new Set(labels).size < 2) return [];
    const of = (values: Float64Array) => Float64Array.from(members, (i) => values[i]);
    return [
      {
        from,
        to: Number.isFinite(to) ? to : null,
        figures: figuresOf(labels, of(margins), of(probabilities)),
      },
    ];
  });
}

/** The share of questions of each task whose likeliest answer is the true one. */
async function askTasks(
  options: LanguageEvaluationOptions,
  scorer: LanguageScorer,
): Promise<LanguageEvaluation['tasks']> {
  const { verbaliser, split, trainedTasks, fewerUsers, signal, onProgress } = options;
  const results: LanguageEvaluation['tasks'] = [];
  for (const task of availableTasks(verbaliser).filter((name) => name !== 'like')) {
    const wording = seenWordings(verbaliser, task)[0];
    const questions = Array.from(drawnUsers(split.usersWithTargets(), fewerUsers), (user) => {
      const place = split.testIndex(user);
      const random = new Random(TEST_SEED, 0, `task/${task}/${user}`);
      return {
        user,
        place,
        ...questionAt(verbaliser, user, place, task, wording, { knownEnd: place + 1, random }),
      };
    });
    const usable = questions.filter(({ question }) => question.task === task);
    const answers = answersTo(
      verbaliser,
      task,
      usable.map(({ answer }) => answer),
    );
    const first = answers.map(
      (answer) => verbaliser.tokenizer.encodeWithin(verbaliser.answerText(answer))[0],
    );
    const report = (done: number, total: number) => onProgress?.(`task ${task}`, done, total);
    const chosen =
      new Set(first).size === first.length
        ? likeliest(
            await scorer.nextTokens(
              usable.map((one) => openPrompt(verbaliser, one).ids),
              first,
              { signal, onProgress: report },
            ),
          )
        : await likeliestWhole(verbaliser, scorer, usable, answers, { signal, onProgress: report });
    const right = usable.filter(({ answer }, i) => answers[chosen[i]] === answer).length;
    const counts = answers.map((answer) => usable.filter((one) => one.answer === answer).length);
    results.push({
      task,
      trained: trainedTasks.includes(task),
      questions: usable.length,
      accuracy: right / usable.length,
      // The best that one answer to everything reaches.
      chance: Math.max(...counts) / usable.length,
    });
  }
  return results;
}

interface AskedQuestion {
  user: number;
  place: number;
  question: Question;
}

function openPrompt(verbaliser: Verbaliser, { user, place, question }: AskedQuestion): Sequence {
  return sequenceOf(verbaliser.prompt(user, place, question, null), verbaliser.tokenizer, 'last-answer');
}

/** All answers that a task can have. */
function answersTo(verbaliser: Verbaliser, task: Task, given: readonly string[]): string[] {
  const { data, genres } = verbaliser;
  if (task === 'rating') return [...new Set(Array.from(data.ratings ?? [], ratingText))].sort();
  if (task === 'genre') return [...genres.names].sort();
  return [...new Set(given)].sort();
}

function likeliest(logs: readonly Float64Array[]): number[] {
  return logs.map((row) => row.reduce((best, value, i) => (value > row[best] ? i : best), 0));
}

/** The same by all tokens of the answers, where some begin alike. */
async function likeliestWhole(
  verbaliser: Verbaliser,
  scorer: LanguageScorer,
  questions: readonly AskedQuestion[],
  answers: readonly string[],
  progress: Parameters<LanguageScorer['likelihoods']>[1],
): Promise<number[]> {
  const sequences = questions.flatMap(({ user, place, question }) =>
    answers.map((answer) =>
      sequenceOf(verbaliser.prompt(user, place, question, answer), verbaliser.tokenizer, 'last-answer'),
    ),
  );
  const sums = await scorer.likelihoods(sequences, progress);
  return likeliest(questions.map((_, i) => sums.slice(i * answers.length, (i + 1) * answers.length)));
}

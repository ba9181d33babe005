/** What the three stages of training show the model, and what is held out of it. */
import type { Split } from '../../../data/splits/split.ts';
import type { Sequence } from '../../../decoders/packed-rows.ts';
import { Random } from '../../../math/random.ts';
import { type Supervision, sequenceOf } from './packing.ts';
import type { Verbaliser } from './prompt.ts';
import type { Question } from './prompt-parts.ts';
import { TASKS, type Task } from './template.ts';

export const STAGES = ['pretraining', 'instruction', 'fine-tuning'] as const;
export type Stage = (typeof STAGES)[number];

/** Share of item cards among the texts of the first stage. */
const CARD_SHARE = 0.2;
/** Share of prompts with fewer past interactions than fit, so that few shots are known as well as many. */
const FEW_SHOT_SHARE = 0.2;
/** Items of a question of the task "pick". */
export const CHOICES = 4;

export interface ExampleOptions {
  stage: Stage;
  /** Which answers the stages after the first one learn: the last one, or those of the past interactions, too. */
  supervise: Extract<Supervision, 'answers' | 'last-answer'>;
  /** A task that is never trained on, to be tested unseen. */
  unseenTask: Task | 'none';
  seed: number;
}

/** Draws training sequences of one stage, and makes the held-out ones. */
export class Examples {
  readonly #verbaliser: Verbaliser;
  readonly #split: Split;
  readonly #options: ExampleOptions;
  readonly #users: Int32Array;
  /** Tasks of the stage. */
  readonly tasks: readonly Task[];

  constructor(verbaliser: Verbaliser, split: Split, options: ExampleOptions) {
    this.#verbaliser = verbaliser;
    this.#split = split;
    this.#options = options;
    const { users } = verbaliser.data;
    const learnable = (user: number) => split.trainEnd(user) - split.start(user) >= 2;
    this.#users = Int32Array.from(Array.from({ length: users }, (_, user) => user).filter(learnable));
    const possible = availableTasks(verbaliser).filter((task) => task !== options.unseenTask);
    this.tasks = options.stage === 'fine-tuning' ? ['like'] : options.stage === 'instruction' ? possible : [];
  }

  /** Whether any user has two training interactions. */
  get empty(): boolean {
    return this.#users.length === 0;
  }

  /** One training sequence. */
  draw(random: Random): Sequence {
    const { stage, supervise } = this.#options;
    const verbaliser = this.#verbaliser;
    const { tokenizer, records } = verbaliser;
    if (stage === 'pretraining' && random.uniform() < CARD_SHARE) {
      return sequenceOf(verbaliser.card(random.below(records.items.length)), tokenizer, 'all');
    }
    const user = this.#users[random.below(this.#users.length)];
    const [start, end] = [this.#split.start(user), this.#split.trainEnd(user)];
    const place = start + 1 + random.below(end - start - 1);
    if (stage === 'pretraining') return sequenceOf(verbaliser.history(user, place + 1), tokenizer, 'all');
    const task = this.tasks[random.below(this.tasks.length)];
    const { shots } = verbaliser.options;
    const shown = random.uniform() < FEW_SHOT_SHARE ? random.below(shots + 1) : shots;
    return this.#sequence(user, place, task, random, { wording: null, shots: shown, supervision: supervise });
  }

  /**
   * Held-out sequences of some users, the same for every step, about the interaction that `placeOf` names. The first stage is
   * measured by the tokens of that interaction, given those before it; the others by the last answer alone.
   */
  heldOut(users: Iterable<number>, placeOf: (user: number) => number): Sequence[] {
    return Array.from(users, (user) => {
      const random = new Random(this.#options.seed, 0, `held-out/${user}`);
      const place = placeOf(user);
      if (this.#options.stage === 'pretraining') {
        return sequenceOf(this.#verbaliser.history(user, place + 1), this.#verbaliser.tokenizer, 'last-part');
      }
      const task = this.tasks[random.below(this.tasks.length)];
      const shots = this.#verbaliser.options.shots;
      return this.#sequence(user, place, task, random, { wording: null, shots, supervision: 'last-answer' });
    });
  }

  #sequence(
    user: number,
    place: number,
    task: Task,
    random: Random,
    options: { wording: number | null; shots: number; supervision: Supervision },
  ): Sequence {
    const verbaliser = this.#verbaliser;
    const wordings = seenWordings(verbaliser, task);
    const first = this.#options.stage === 'fine-tuning' ? 0 : random.below(wordings.length);
    const { question, answer } = questionAt(
      verbaliser,
      user,
      place,
      task,
      wordings[options.wording ?? first],
      { knownEnd: Math.max(this.#split.trainEnd(user), place + 1), random },
    );
    const prompt = verbaliser.prompt(user, place, question, answer, { shots: options.shots });
    return sequenceOf(prompt, verbaliser.tokenizer, options.supervision);
  }
}

/** Tasks that the data set can answer. */
export function availableTasks({ data, genres }: Verbaliser): Task[] {
  return TASKS.filter((task) =>
    task === 'rating' ? data.ratings !== null : task === 'genre' ? genres.names.length > 0 : true,
  );
}

/** All wordings of a task but the last, which is kept for tests; the only one where there is one. */
export function seenWordings({ template }: Verbaliser, task: Task): readonly string[] {
  const all = template.questions[task];
  return all.length === 1 ? all : all.slice(0, -1);
}

/** The wording that training never shows; null where a task has only one. */
export function unseenWording({ template }: Verbaliser, task: Task): string | null {
  const all = template.questions[task];
  return all.length === 1 ? null : (all.at(-1) ?? null);
}

/**
 * A question about an interaction and its true answer. Where the data has no ratings, half of the questions of the task
 * "like" are about an item the user never had, with the answer no; a genre that is not known makes the question one of
 * "like". `knownEnd` is as in `itemNotOf`.
 */
export function questionAt(
  verbaliser: Verbaliser,
  user: number,
  place: number,
  task: Task,
  wording: string,
  { knownEnd, random }: { knownEnd: number; random: Random },
): { question: Question; answer: string } {
  const { data } = verbaliser;
  const item = data.itemIds[place];
  if (task === 'like' && data.ratings === null && random.uniform() < 0.5) {
    const other = itemNotOf(verbaliser, user, knownEnd, random);
    return { question: { task, wording, item: other }, answer: verbaliser.answerWord(false) };
  }
  const question: Question = { task, wording, item };
  if (task === 'pick') {
    const others = Array.from({ length: CHOICES - 1 }, () => itemNotOf(verbaliser, user, knownEnd, random));
    const choices = Array.from({ length: CHOICES }, (_, at) => at);
    random.shuffle(choices);
    question.choices = choices.map((at) => (at === 0 ? item : others[at - 1]));
  }
  const answer = verbaliser.answerTo(question, place);
  if (answer !== null) return { question, answer };
  return questionAt(verbaliser, user, place, 'like', seenWordings(verbaliser, 'like')[0], {
    knownEnd,
    random,
  });
}

/**
 * An item with interactions that is not among the user's interactions before `knownEnd`; where there is none, any. In training
 * that is the end of the training part: an item that no draw ever shows as one the user lacks would be known as the held-out one.
 */
export function itemNotOf({ data }: Verbaliser, user: number, knownEnd: number, random: Random): number {
  const history = data.itemIds.subarray(data.offsets[user], knownEnd);
  for (let attempt = 0; attempt < 100; attempt++) {
    const item = random.below(data.items);
    if (!history.includes(item)) return item;
  }
  return random.below(data.items);
}

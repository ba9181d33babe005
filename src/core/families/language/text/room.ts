/** Whether every question that a run may ask fits its context, before it trains: one long title would end it in the middle. */
import { CHOICES, seenWordings } from './examples.ts';
import { ratingText, type Verbaliser } from './prompt.ts';
import type { Task } from './template.ts';

/**
 * Writes the longest question of every wording of these tasks, and of "like", which every run is tested by, with the longest answer.
 * @throws UserError where one does not fit without any past interaction
 */
export function requireRoom(verbaliser: Verbaliser, tasks: readonly Task[]): void {
  const { offsets } = verbaliser.data;
  const user = longestUser(verbaliser);
  for (const task of new Set<Task>([...tasks, 'like'])) {
    const answer = longestAnswer(verbaliser, task);
    for (const wording of seenWordings(verbaliser, task)) {
      const [item, next] = longestItems(verbaliser, task, wording);
      // The others are drawn one by one, and may all be the same.
      const choices =
        task === 'pick' ? Array.from({ length: CHOICES }, (_, at) => (at === 0 ? next : item)) : undefined;
      verbaliser.prompt(user, offsets[user], { task, wording, item, choices }, answer, { shots: 0 });
    }
  }
}

/** Of the users the one whose profile is longest. */
function longestUser(verbaliser: Verbaliser): number {
  const { users, offsets } = verbaliser.data;
  return longest(users, (user) => verbaliser.history(user, offsets[user]).tokens)[0];
}

/** The item that makes a question longest, and the one after it: what came next is not among the others. */
function longestItems(verbaliser: Verbaliser, task: Task, wording: string): [number, number] {
  return longest(verbaliser.data.items, (item) =>
    verbaliser.questionTokens({ task, wording, item, choices: [item] }),
  );
}

function longestAnswer(verbaliser: Verbaliser, task: Task): string {
  const { data, genres, tokenizer } = verbaliser;
  const words: Record<Task, () => string[]> = {
    like: () => [true, false].map((liked) => verbaliser.answerWord(liked)),
    rating: () => [...new Set(data.ratings)].map(ratingText),
    genre: () => [...genres.names],
    pick: () => ['A'],
  };
  const all = words[task]();
  const [at] = longest(all.length, (word) => tokenizer.encodeWithin(verbaliser.answerText(all[word])).length);
  return all[at];
}

/** Places of the largest and the next one of so many values; twice the same where there is one. */
function longest(count: number, valueAt: (at: number) => number): [number, number] {
  let [most, next] = [0, 0];
  let [largest, second] = [valueAt(0), Number.NEGATIVE_INFINITY];
  for (let at = 1; at < count; at++) {
    const value = valueAt(at);
    if (value > largest) [most, next, largest, second] = [at, most, value, largest];
    else if (value > second) [next, second] = [at, value];
  }
  return [most, next];
}

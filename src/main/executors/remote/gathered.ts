import { setTimeout as wait } from 'node:timers/promises';
import { CancelledError } from '../../../core/errors.ts';

/** What several wait for goes on when one of them is aborted, who hears of it at once. */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const stop = () => reject(new CancelledError());
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** How long a question waits for others that come at the same time. */
const GATHER_MS = 50;

interface Waiting<Question, Answer> {
  question: Question;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

/** Many questions as one: those that come while others are on their way go out together, and at most one every so often. */
export class Gathered<Question, Answer> {
  readonly #answer: (questions: Question[]) => Promise<Answer[]>;
  readonly #everyMs: number;
  #waiting: Waiting<Question, Answer>[] = [];
  #asking = false;
  #askedAt = 0;

  /** `answer`: answers to all questions, in their order. */
  constructor(answer: (questions: Question[]) => Promise<Answer[]>, everyMs: number) {
    this.#answer = answer;
    this.#everyMs = everyMs;
  }

  /** Rejects at once when the signal fires. */
  ask(question: Question, signal?: AbortSignal): Promise<Answer> {
    const answer = new Promise<Answer>((resolve, reject) =>
      this.#waiting.push({ question, resolve, reject }),
    );
    if (!this.#asking) void this.#ask();
    return signal ? untilAborted(answer, signal) : answer;
  }

  async #ask(): Promise<void> {
    this.#asking = true;
    while (this.#waiting.length > 0) {
      await wait(Math.max(GATHER_MS, this.#askedAt + this.#everyMs - Date.now()));
      const waiting = this.#waiting.splice(0);
      this.#askedAt = Date.now();
      try {
        const answers = await this.#answer(waiting.map(({ question }) => question));
        for (const [at, { resolve }] of waiting.entries()) resolve(answers[at]);
      } catch (error) {
        for (const { reject } of waiting) reject(error);
      }
    }
    this.#asking = false;
  }
}

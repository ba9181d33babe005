/** What the process behind the window answers in a test. */
import { type Client, ORPCError } from '@orpc/client';
import type { ApiClient } from '../../src/core/api/contract.ts';

type Answer<Procedure> =
  Procedure extends Client<infer _Context, infer Input, infer Output, infer _Failure>
    ? (input: Input) => Output | Promise<Output>
    : never;

export type Answers = {
  [Area in Exclude<keyof ApiClient, 'events'>]?: {
    [Name in keyof ApiClient[Area]]?: Answer<ApiClient[Area][Name]>;
  };
};

let answers: Answers = {};

/** From now on these questions are answered so, and no others. */
export function answerWith(known: Answers): void {
  answers = known;
}

/** The call of a procedure, as the window's connection has it. What goes wrong is a definite answer, and not asked again. */
export async function ask([area, name]: readonly [keyof Answers, string], input: unknown): Promise<unknown> {
  const answer = (answers[area] as Record<string, ((input: unknown) => unknown) | undefined> | undefined)?.[
    name
  ];
  try {
    if (answer === undefined) throw new Error(`the test answers no ${area}.${name}`);
    return await answer(input);
  } catch (error) {
    throw error instanceof ORPCError
      ? error
      : new ORPCError('INTERNAL_SERVER_ERROR', { message: String((error as Error).message) });
  }
}

/** A contract, answered by one function a procedure. */
import {
  type AnyContractRouter,
  type ContractProcedure,
  type InferSchemaInput,
  type InferSchemaOutput,
  isContractProcedure,
} from '@orpc/contract';
import { implement, type Router } from '@orpc/server';

/** What every function is given besides its input. */
export type Given<Context> = Context & { signal?: AbortSignal };

/** The functions of a contract, by area; their inputs have been checked. */
export type Answers<Contract, Context> = {
  [Key in keyof Contract]: Contract[Key] extends ContractProcedure<
    infer Input,
    infer Output,
    infer _Errors,
    infer _Meta
  >
    ? (given: Given<Context>, input: InferSchemaOutput<Input>) => MaybePromise<InferSchemaInput<Output>>
    : Answers<Contract[Key], Context>;
};

type MaybePromise<T> = T | Promise<T>;
type Answer<Context> = (given: Given<Context>, input: unknown) => unknown;

/** The router of a contract. `otherwise` finds what answers a procedure that `answers` lacks, such as ["runs", "show"]. */
export function routerOf<Contract extends AnyContractRouter, Context extends object>(
  contract: Contract,
  answers: object,
  otherwise: (path: readonly string[]) => Answer<Context> = unanswered,
): Router<Contract, Context> {
  const routed = (part: AnyContractRouter, known: unknown, path: readonly string[]): object => {
    if (isContractProcedure(part)) {
      const answer = (known as Answer<Context> | undefined) ?? otherwise(path);
      return implement(part)
        .$context<Context>()
        .handler(({ context, input, signal }) => answer({ ...context, signal }, input));
    }
    const inner = known as Record<string, unknown> | undefined;
    return Object.fromEntries(
      Object.entries(part).map(([key, next]) => [key, routed(next, inner?.[key], [...path, key])]),
    );
  };
  return routed(contract, answers, []) as Router<Contract, Context>;
}

function unanswered(path: readonly string[]): never {
  throw new Error(`nothing answers ${path.join('.')}`);
}

/** The analyst's part of the contract, as the hub answers it: every call is passed on to the analyst's process. */
import { type AnyContractRouter, isContractProcedure } from '@orpc/contract';
import { type AnyRouter, implement, type Router, type UnlaziedRouter } from '@orpc/server';
import { forwardedContract } from '../../core/api/contract.ts';
import type { Hub } from './hub.ts';

/** What every procedure of the hub is given. */
export interface ProcedureContext {
  /** The hub that was open when the call arrived. */
  hub: Hub;
}

/** The handlers of all forwarded procedures. */
export const forwardedProcedures = forward(forwardedContract, []) as UnlaziedRouter<
  Router<typeof forwardedContract, ProcedureContext>
>;

function forward(contract: AnyContractRouter, path: readonly string[]): AnyRouter {
  if (!isContractProcedure(contract)) {
    const parts = Object.entries(contract);
    return Object.fromEntries(parts.map(([key, part]) => [key, forward(part, [...path, key])]));
  }
  return implement(contract)
    .$context<ProcedureContext>()
    .handler(({ context: { hub }, input, signal }) => hub.askAnalyst(path, input, signal));
}

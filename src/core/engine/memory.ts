import { freemem } from 'node:os';
import { UserError } from '../errors.ts';
import { countParameters, type Specs } from './types.ts';

/** Left to everything else when free memory is measured. */
const RESERVE_BYTES = 2 ** 29;
const VALUE_BYTES = 4;

/** Bytes that may be taken: what the system has left, or the process's own limit where it has one. */
export function freeMemory(): number {
  return Math.max(process.availableMemory(), freemem()) - RESERVE_BYTES;
}

export function gib(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}

/**
 * Throws UserError where the state of a model would not fit into memory: its parameters, and what a step keeps beside them
 * (the optimiser's values, sums of gradients). Both are there twice, before and after a step.
 */
export function requireStateMemory(parameters: Specs, beside: Specs, memory = freeMemory()): void {
  const count = countParameters({ parameters });
  const need = 2 * VALUE_BYTES * (count + countParameters({ parameters: beside }));
  if (need <= memory) return;
  throw new UserError(
    `the model has ${(count / 1e6).toLocaleString('en', { maximumFractionDigits: 1 })} million parameters and takes ${gib(need)} of memory to train, and ` +
      `${gib(Math.max(0, memory))} are free; make it narrower or shallower`,
  );
}

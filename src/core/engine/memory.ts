import { gib, type MemoryLimits, requireMemory } from '../memory.ts';
import { countParameters, type Specs, sizeOf } from './types.ts';

const VALUE_BYTES = 4;

/**
 * Throws UserError where the state of a model would not fit into memory: its parameters, and what a step keeps beside them
 * (the optimiser's values, sums of gradients). Both are there twice, before and after a step.
 */
export function requireStateMemory(parameters: Specs, beside: Specs, limits?: MemoryLimits): void {
  const count = countParameters({ parameters });
  const bytes = 2 * VALUE_BYTES * (count + countParameters({ parameters: beside }));
  const millions = (count / 1e6).toLocaleString('en', { maximumFractionDigits: 1 });
  const need = {
    claim: `the model has ${millions} million parameters and takes ${gib(bytes)} of memory to train`,
    bytes,
    largest: VALUE_BYTES * Math.max(0, ...Object.values(parameters).map(({ shape }) => sizeOf(shape))),
    advice: 'make it narrower or shallower',
  };
  requireMemory(need, limits);
}

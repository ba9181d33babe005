import { freeMemory, gib, type MemoryLimits, requireMemory } from '../memory.ts';
import { countParameters, type Program, type Specs, sizeOf } from './types.ts';

const VALUE_BYTES = 4;

/** What the heaviest step of a training takes, as the device `cpu` reckons it before it runs one. */
export interface StepMemory {
  /** Of a step's values, beside the state of the training. */
  bytes: number;
  /** Free beside that state. */
  free: number;
  /** Why the step would be refused, and what to change; null where it would not. */
  problem: string | null;
}

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

/** What the runtime takes for values alive at once, in pieces of doubling size: 1.4 to 2.9 times as much, measured from 256 to 2,048 positions. */
const RUNTIME_SHARE = 2;

export const runBytes = (liveBytes: number) => RUNTIME_SHARE * liveBytes;

/** Throws UserError where a run of the program, whose graph has so many bytes alive at once, would not fit into memory. */
export function requireRunMemory({ memory }: Program, liveBytes: number, limits?: MemoryLimits): void {
  if (!memory) return;
  const bytes = runBytes(liveBytes);
  const claim = `${memory.of} takes about ${gib(bytes)} of memory`;
  requireMemory({ claim, bytes, advice: memory.toFit(freeMemory(limits) / bytes) }, limits);
}

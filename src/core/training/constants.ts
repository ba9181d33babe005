/** What a model knows besides its parameters, such as the items' content. */
import type { HostArrays, Specs, Tensors } from '../engine/index.ts';

/**
 * State that programs only read. It is put on the device with the parameters, so that no step sends it again, and is in no
 * checkpoint.
 */
export interface Constants {
  specs: Specs;
  values: HostArrays;
}

interface Knowing {
  readonly parameters: Specs;
  readonly constants?: Constants;
}

/** The state of a program that reads a model. */
export function stateOf({ parameters, constants }: Knowing): Specs {
  return { ...parameters, ...constants?.specs };
}

/** What is put on the device for that state. */
export function constantTensors({ constants }: Pick<Knowing, 'constants'>) {
  const entries = Object.entries(constants?.specs ?? {});
  return Object.fromEntries(
    entries.map(([name, spec]) => [name, { spec, data: (constants as Constants).values[name] }]),
  );
}

/** A program's inputs with the constants, as models read them. */
export function withConstants(
  { constants }: Pick<Knowing, 'constants'>,
  state: Tensors,
  inputs: Tensors,
): Tensors {
  const entries = Object.keys(constants?.specs ?? {}).map((name) => [name, state[name]]);
  return { ...inputs, ...Object.fromEntries(entries) };
}

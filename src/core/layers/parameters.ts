import type { HostTableSize, TensorSpec } from '../engine/index.ts';
import { sizeOf } from '../engine/index.ts';
import { Random } from '../math/random.ts';

export type Initialiser =
  | { kind: 'constant'; value: number }
  /** Normal, redrawn outside two standard deviations. */
  | { kind: 'truncated-normal'; std: number }
  | { kind: 'normal'; std: number }
  /** Within `limit` of the mean, by default 0. */
  | { kind: 'uniform'; limit: number; mean?: number }
  /** Of positions [n, width]: sin(i 10000^(-2 j / width)) for j < width / 2, then the cosines (Vaswani et al. 2017). */
  | { kind: 'sinusoids' }
  /** Glorot and Bengio 2010: variance 2 / (fan-in + fan-out). */
  | { kind: 'xavier-normal' }
  | { kind: 'xavier-uniform' };

export interface ParameterSpec extends TensorSpec {
  readonly dtype: 'float32';
  readonly init: Initialiser;
}

export type ParameterSpecs = Readonly<Record<string, ParameterSpec>>;

/** An embedding table that stays on the host. */
export interface HostTableSpec extends HostTableSize {
  readonly init: Initialiser;
}

export type HostTableSpecs = Readonly<Record<string, HostTableSpec>>;

export function parameter(shape: readonly number[], init: Initialiser): ParameterSpec {
  return { shape, dtype: 'float32', init };
}

/** A matrix [rows, dim] whose rows are looked up by id. */
export function embeddingTable(shape: readonly [number, number], init: Initialiser): ParameterSpec {
  return { ...embedding(shape, init), table: true };
}

/** One vector, or one number, for each item, position or user. */
export function embedding(shape: readonly number[], init: Initialiser): ParameterSpec {
  return { ...parameter(shape, init), embedding: true };
}

export const zeros: Initialiser = { kind: 'constant', value: 0 };
export const ones: Initialiser = { kind: 'constant', value: 1 };
export const xavierNormal: Initialiser = { kind: 'xavier-normal' };
export const xavierUniform: Initialiser = { kind: 'xavier-uniform' };

/** Initial values, each parameter from its own stream of the seed. */
export function initialise(specs: ParameterSpecs, seed: number): Record<string, Float32Array> {
  return Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => [name, draw(spec, new Random(seed, 0, `init/${name}`))]),
  );
}

/** Fills a host table, whose values come in parts, with what `initialise` would give it. */
export function tableFiller(specs: HostTableSpecs, seed: number): (name: string, part: Float32Array) => void {
  const samplers = new Map<string, () => number>();
  return (name, part) => {
    const { rows, dim, init } = specs[name];
    const sample = samplers.get(name) ?? sampler(init, [rows, dim], new Random(seed, 0, `init/${name}`));
    samplers.set(name, sample);
    fill(part, sample);
  };
}

function draw({ shape, init }: ParameterSpec, random: Random): Float32Array {
  return fill(new Float32Array(sizeOf(shape)), sampler(init, shape, random));
}

function fill(values: Float32Array, sample: () => number): Float32Array {
  for (let i = 0; i < values.length; i++) values[i] = sample();
  return values;
}

function sampler(init: Initialiser, shape: readonly number[], random: Random): () => number {
  const uniform =
    (limit: number, mean = 0) =>
    () =>
      mean + (2 * random.uniform() - 1) * limit;
  const fans = (shape.at(0) ?? 1) + (shape.at(-1) ?? 1);
  switch (init.kind) {
    case 'constant':
      return () => init.value;
    case 'sinusoids':
      return sinusoids(shape.at(-1) ?? 1);
    case 'normal':
      return () => random.normal() * init.std;
    case 'truncated-normal':
      return () => truncatedNormal(random) * init.std;
    case 'uniform':
      return uniform(init.limit, init.mean);
    case 'xavier-normal':
      return () => random.normal() * Math.sqrt(2 / fans);
    case 'xavier-uniform':
      return uniform(Math.sqrt(6 / fans));
  }
}

function sinusoids(width: number): () => number {
  let place = 0;
  return () => {
    const [position, column] = [Math.floor(place / width), place % width];
    place++;
    const half = width / 2;
    const angle = position * 10_000 ** (-(column % half) / half);
    return column < half ? Math.sin(angle) : Math.cos(angle);
  };
}

function truncatedNormal(random: Random): number {
  let z = random.normal();
  while (Math.abs(z) > 2) z = random.normal();
  return z;
}

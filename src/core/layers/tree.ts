/**
 * Parameters, dropout masks and states as trees of values: a layer reads `p.out.weight`, and the names in checkpoints
 * ("blocks/0/out/weight") and of random streams follow from the tree alone. Trees are objects and arrays of
 * `ParameterSpec`s or other `TensorSpec`s, of `RandomInput`s, or of tensors.
 */
import type { Tensor } from '@tensorflow/tfjs';
import type { Tensors } from '../engine/index.ts';
import type { RandomInput } from './random-inputs.ts';

/** Specs and tensors have a type; random inputs have a spec. */
type Leaf = { readonly dtype: string } | RandomInput;

/** The same tree with a tensor for every leaf. */
export type TensorTree<T> = T extends Leaf
  ? Tensor
  : T extends object
    ? { readonly [K in keyof T]: TensorTree<T[K]> }
    : T;

function isLeaf(value: object): value is Leaf {
  return 'dtype' in value || 'spec' in value;
}

/** The parts of a tree with their names, "at/key" with keys such as finalNorm as final-norm; undefined ones are left out. */
function* parts(tree: object, at: string): Generator<{ key: string; name: string; value: object }> {
  for (const [key, value] of Object.entries(tree)) {
    if (value === undefined) continue;
    const kebab = key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    yield { key, name: at === '' ? kebab : `${at}/${kebab}`, value };
  }
}

/** Every leaf by its name, in the order of the tree. `at` is the name of a leaf that stands alone. */
export function namedLeaves<L extends Leaf>(tree: object, at = ''): Record<string, L> {
  if (isLeaf(tree)) return { [at]: tree as L };
  return Object.assign({}, ...Array.from(parts(tree, at), ({ name, value }) => namedLeaves(value, name)));
}

/** The tree with its tensors, each looked up when it is read, so that one that is never read can be found. */
export function bindTree<T extends object>(tree: T, tensors: Tensors, at = ''): TensorTree<T> {
  return bound(tree, tensors, at) as TensorTree<T>;
}

function bound(tree: object, tensors: Tensors, at: string): object {
  if (isLeaf(tree)) return found(tensors, at);
  const result = Array.isArray(tree) ? [] : {};
  for (const { key, name, value } of parts(tree, at)) {
    const nested = isLeaf(value) ? null : bound(value, tensors, name);
    Object.defineProperty(result, key, { get: () => nested ?? found(tensors, name), enumerable: true });
  }
  return result;
}

function found(tensors: Tensors, name: string): Tensor {
  const tensor = tensors[name];
  if (!tensor) throw new Error(`"${name}" is read and not among the inputs`);
  return tensor;
}

/** The masks among a step's inputs; null where there are none, as when a model scores. */
export function bindMasks<T extends object>(tree: T, inputs: Tensors, at: string): TensorTree<T> | null {
  const drawn = Object.keys(inputs).some((name) => name === at || name.startsWith(`${at}/`));
  return drawn ? bindTree(tree, inputs, at) : null;
}

const isTensor = (value: unknown): value is Tensor =>
  typeof value === 'object' && value !== null && 'dataId' in value;

/** The tensors of a tree of arrays and objects, in its order. */
export function tensorsIn(tree: unknown): Tensor[] {
  if (isTensor(tree)) return [tree];
  return typeof tree === 'object' && tree !== null ? Object.values(tree).flatMap(tensorsIn) : [];
}

/** The tree with other tensors in the place of `tensorsIn(tree)`. */
export function withTensors<T>(tree: T, tensors: readonly Tensor[]): T {
  const left = [...tensors];
  const replaced = (part: unknown): unknown => {
    if (isTensor(part)) return left.shift();
    if (Array.isArray(part)) return part.map(replaced);
    if (typeof part !== 'object' || part === null) return part;
    return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, replaced(value)]));
  };
  return replaced(tree) as T;
}

import type { Tensor } from '@tensorflow/tfjs';
import { recomputed, type Tensors } from '../engine/index.ts';
import type { ParameterSpecs } from './parameters.ts';
import type { RandomInputs } from './random-inputs.ts';
import { bindMasks, bindTree, namedLeaves, type TensorTree, tensorsIn, withTensors } from './tree.ts';

/** Rows and positions of a batch. */
export interface LayerShape {
  rows: number;
  length: number;
}

/** Where a layer finds its tensors: parameters under one name, masks under another. */
export interface LayerPlace {
  parameters: Tensors;
  inputs: Tensors;
  at: string;
  maskAt: string;
}

/** Part of a model that knows its parameters and masks by itself; `Context` is what all layers of a model share. */
export interface Layer<Context = undefined> {
  parameters(at: string): ParameterSpecs;
  masks(shape: LayerShape, at: string): RandomInputs;
  /** x [rows, length, dim] -> the same shape */
  apply(x: Tensor, place: LayerPlace, context: Context): Tensor;
}

/** A layer from its trees; `forward` is typed by them. m is null without dropout. */
export function layer<P extends object, M extends object, Context = undefined>(definition: {
  parameters: P;
  /** Asked for only where there is dropout. */
  masks?(shape: LayerShape): M;
  forward(x: Tensor, p: TensorTree<P>, m: TensorTree<M> | null, context: Context): Tensor;
}): Layer<Context> {
  const { parameters, masks, forward } = definition;
  return {
    parameters: (at) => namedLeaves(parameters, at),
    masks: (shape, at) => (masks ? namedLeaves(masks(shape), at) : {}),
    apply: (x, { parameters: tensors, inputs, at, maskAt }, context) => {
      const [rows, length] = x.shape as [number, number];
      const drop = masks ? bindMasks(masks({ rows, length }), inputs, maskAt) : null;
      return forward(x, bindTree(parameters, tensors, at), drop, context);
    },
  };
}

/** Layers one after another: parameters "blocks/0/…", masks "mask/0/…" and so on. */
export class LayerStack<Context = undefined> {
  readonly parameters: ParameterSpecs;
  readonly #layers: readonly Layer<Context>[];

  constructor(layers: readonly Layer<Context>[]) {
    this.#layers = layers;
    this.parameters = Object.assign({}, ...layers.map((one, i) => one.parameters(`blocks/${i}`)));
  }

  masks(shape: LayerShape): RandomInputs {
    return Object.assign({}, ...this.#layers.map((one, i) => one.masks(shape, `mask/${i}`)));
  }

  /**
   * Output of every layer, the first one's input being x [rows, length, dim]. With `recompute` the backward pass keeps these
   * alone and computes each layer again: a forward pass more, and the memory of one layer at any depth.
   */
  outputs(
    x: Tensor,
    { parameters, inputs }: Pick<LayerPlace, 'parameters' | 'inputs'>,
    context: Context,
    { recompute = false }: { recompute?: boolean } = {},
  ): Tensor[] {
    const outputs: Tensor[] = [];
    for (const [i, one] of this.#layers.entries()) {
      const place = { parameters, inputs, at: `blocks/${i}`, maskAt: `mask/${i}` };
      const input = outputs.at(-1) ?? x;
      outputs.push(recompute ? applyTwice(one, input, place, context) : one.apply(input, place, context));
    }
    return outputs;
  }
}

/** One layer, of which the backward pass keeps the input alone. */
function applyTwice<Context>(one: Layer<Context>, x: Tensor, place: LayerPlace, context: Context): Tensor {
  const { parameters, inputs, at, maskAt } = place;
  const [rows, length] = x.shape as [number, number];
  const own = Object.keys(one.parameters(at));
  const masks = Object.keys(one.masks({ rows, length }, maskAt)).filter((name) => name in inputs);
  const shared = tensorsIn(context);
  // Only numbers have gradients, where they were made of parameters.
  const [learned, given] = [true, false].map((is) =>
    shared.filter(({ dtype }) => (dtype === 'float32') === is),
  );
  const named = (names: string[], values: Tensor[]) =>
    Object.fromEntries(names.map((name, k) => [name, values[k]]));
  return recomputed(
    [x, ...own.map((name) => parameters[name]), ...learned],
    [...masks.map((name) => inputs[name]), ...given],
    ([input, ...tensors], constants) => {
      const [floats, others] = [tensors.slice(own.length), constants.slice(masks.length)];
      const again = { parameters: named(own, tensors), inputs: named(masks, constants), at, maskAt };
      const all = shared.map(({ dtype }) => (dtype === 'float32' ? floats : others).shift() as Tensor);
      return one.apply(input, again, withTensors(context, all));
    },
  );
}

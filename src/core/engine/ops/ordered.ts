import type { Tensor } from '@tensorflow/tfjs';
import { ElementType } from '../onnx.ts';
import { tracingBackend } from '../trace-backend.ts';
import type { DType } from '../types.ts';

/**
 * x, in a graph computed after `others`: one value of each is joined to it and cut off again. The runtime chooses its own
 * order, and takes equal nodes for one; what is made of the result is neither made earlier nor taken from what was made of x.
 */
export function ordered(x: Tensor, others: readonly Tensor[]): Tensor {
  const backend = tracingBackend();
  // Booleans cannot be joined on WebGPU.
  if (!backend || others.length === 0 || (x.dtype === 'bool' && !backend.dynamicSizes)) return x;
  const { graph } = backend;
  const dtype = x.dtype as DType;
  const flat = (name: string) => graph.op('Reshape', [name, graph.int64s([-1])]);
  const names = others.map((other) => backend.nameOf(other));
  const joined = () => {
    const ends = others.map((other, at) => {
      const end = graph.slice(flat(names[at]), 0, 0, 1);
      return other.dtype === dtype ? end : graph.op('Cast', [end], { to: ElementType[dtype] });
    });
    const both = graph.op('Concat', [flat(backend.nameOf(x)), ...ends], { axis: 0 });
    const own = graph.slice(graph.sized(both, [x.size], dtype), 0, 0, -others.length);
    return graph.op('Reshape', [own, backend.reshapeTo(x.shape)]);
  };
  return backend.tensor(graph.inOrder(backend.nameOf(x), names, joined), [...x.shape], dtype);
}

import type { Tensor } from '@tensorflow/tfjs';
import { tracingBackend } from '../trace-backend.ts';
import type { DType } from '../types.ts';
import { customGradient } from './custom-gradient.ts';

/**
 * What takes the rows of a tensor [n, ...] whose weight is not 0 in `weights` [n], in their order; the gradient of the others is
 * 0. In a graph for a device that takes such sizes well there are as many rows as that when it runs, while shapes say n: only ops that
 * compute every row for itself may follow, and losses that are told so (`allReal`). Elsewhere all rows stay.
 */
export function realRows(weights: Tensor): (x: Tensor) => Tensor {
  const backend = tracingBackend();
  if (!backend?.dynamicSizes) return (x) => x;
  const { graph } = backend;
  const places = graph.op('Transpose', [graph.op('NonZero', [backend.nameOf(weights)])], { perm: [1, 0] });
  const real = graph.op('Squeeze', [places, graph.int64s([1])]);
  return (x) => {
    const take = (whole: Tensor) => {
      const name = graph.op('Gather', [backend.nameOf(whole), real], { axis: 0 });
      return backend.tensor(name, [...whole.shape], whole.dtype as DType);
    };
    if (x.dtype !== 'float32') return take(x);
    const shape = graph.op('Shape', [backend.nameOf(x)]);
    return customGradient(
      [x],
      ([input]) => ({ value: take(input), saved: [] }),
      (dy) => {
        const zeros = graph.op('ConstantOfShape', [shape]);
        // Each place is written once: no two writes can race.
        const spread = graph.op('ScatterND', [zeros, places, backend.nameOf(dy)]);
        return [backend.tensor(spread, [...x.shape], 'float32')];
      },
    );
  };
}

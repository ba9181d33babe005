import * as tf from '../tf.ts';
import { kernel } from '../trace-backend.ts';

export function registerIndexing(): void {
  kernel('GatherV2', (backend, { x, indices }, attrs: tf.GatherV2Attrs) => {
    if (attrs.batchDims !== 0) throw new Error('a traced gather has no batch axes: use takeAlongRows');
    const [axis] = tf.util.parseAxisParam(attrs.axis, x.shape);
    const name = backend.graph.op('Gather', [backend.nameOf(x), backend.nameOf(indices)], { axis });
    const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
    return backend.info(name, shape, x.dtype);
  });
  kernel('UnsortedSegmentSum', (backend, { x, segmentIds }, { numSegments }: tf.UnsortedSegmentSumAttrs) => {
    const { graph } = backend;
    const shape = [numSegments, ...x.shape.slice(1)];
    const column = [x.shape[0], ...x.shape.slice(1).map(() => 1)];
    const ids = graph.op('Reshape', [backend.nameOf(segmentIds), graph.int64s(column)]);
    const spread = graph.op('Expand', [ids, graph.int64s(x.shape)]);
    // ScatterND with reduction=add races on duplicate indices in the CPU provider: wrong sums.
    const inputs = [graph.filled(0, shape), spread, backend.nameOf(x)];
    const name = graph.op('ScatterElements', inputs, { axis: 0, reduction: 'add' });
    return backend.info(name, shape, 'float32');
  });
}

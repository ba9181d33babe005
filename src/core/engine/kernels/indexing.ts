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
    const shape = [numSegments, ...x.shape.slice(1)];
    const zeros = backend.graph.filled(0, shape);
    const places = backend.placesOf(backend.nameOf(segmentIds), x.shape);
    const name = backend.addRows(zeros, places, backend.nameOf(x));
    return backend.info(name, shape, 'float32');
  });
}

import type { HostArray, TensorSpec } from '../types.ts';
import { sizeOf } from '../types.ts';

const arrayTypes = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const;

/** Throws unless the array has the type and the number of values of its spec. `what` names it in the message. */
export function checkArray(what: string, spec: TensorSpec, data: HostArray): void {
  if (!(data instanceof arrayTypes[spec.dtype])) {
    throw new Error(`${what} is not a ${arrayTypes[spec.dtype].name}, as its type ${spec.dtype} asks for`);
  }
  const expected = sizeOf(spec.shape);
  if (data.length !== expected) {
    throw new Error(`${what} has ${data.length} values where its shape asks for ${expected}`);
  }
}

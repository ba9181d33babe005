/** Parameters and arithmetic of a training, counted from the model itself. */
import { UserError } from '../errors.ts';
import type { Model, Scaling } from '../families/model.ts';
import { unscaledText } from './study.ts';

/** Throws UserError for a model that is not trained by steps to rank all items. */
export function requireScalable({ id, scaling }: Model): Scaling {
  if (scaling) return scaling;
  throw new UserError(unscaledText(id));
}

const FLOAT_BYTES = 4;
/** Parameters, gradients and the optimiser's two moments; all but the gradients are double-buffered. */
const STATE_COPIES = 7;

/** The two last checkpoints have parameters and both moments, the two best ones parameters alone. */
const DISK_COPIES = 2 * 3 + 2;

/** Bytes of the checkpoints of a training of so many parameters. */
export function checkpointBytes(parameters: number): number {
  return parameters * FLOAT_BYTES * DISK_COPIES;
}

/** Bytes that a training keeps of so many parameters, with an optimiser of two moments. */
export function stateBytes(parameters: number): number {
  return parameters * FLOAT_BYTES * STATE_COPIES;
}

import { z } from 'zod';
import { tensorSchema } from './tensor-compare.ts';

export const tensors = z.record(z.string(), tensorSchema);

/** The optimiser block of a model fixture. */
export const optimiserSchema = z.object({
  lr: z.number(),
  beta1: z.number(),
  beta2: z.number(),
  eps: z.number(),
  weight_decay: z.number().default(0),
  params_after_1: tensors,
  /** Loss on the same batch before steps 1, 2, … */
  loss_trace: z.array(z.number()).optional(),
});

/** What every model fixture has; each model adds its inputs, outputs and config. */
export const modelFixture = {
  model: z.string(),
  params: tensors,
  grads: tensors,
};

/** One parameter of ours and of the fixture: its name there, and whether it is stored transposed. */
export interface ParameterName {
  ours: string;
  theirs: string;
  transposed?: boolean;
}

/** [rows, columns] row-major to [columns, rows]. */
export function transpose(values: ArrayLike<number>, rows: number, columns: number): Float32Array {
  const result = new Float32Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) result[j * rows + i] = values[i * columns + j];
  }
  return result;
}

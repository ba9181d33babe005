import { z } from 'zod';

/** Numbers with a shape, row-major. */
export interface Tensor {
  shape: number[];
  data: number[];
}

/** Largest error, relative to the largest entry of the reference, at which a tensor passes. */
export const TOLERANCE = 1e-4;

const finite = z.number();

/** A tensor of a fixture: {shape, data}, or a plain list of numbers. */
export const tensorSchema: z.ZodType<Tensor> = z
  .union([z.object({ shape: z.array(z.int().nonnegative()), data: z.array(finite) }), z.array(finite)])
  .transform((value) => (Array.isArray(value) ? { shape: [value.length], data: value } : value))
  .refine((tensor) => tensor.shape.reduce((size, length) => size * length, 1) === tensor.data.length, {
    message: 'the shape does not fit the number of values',
  });

/** Reads {shape, data} or a plain list; throws zod's error when it is neither. */
export function parseTensor(value: unknown): Tensor {
  return tensorSchema.parse(value);
}

/**
 * max|x - ref| / max|ref|, or max|x - ref| where the whole reference is zero. Infinity when lengths differ or a value is
 * not a number while the reference is one. `skip` leaves entries out.
 */
export function tensorError(
  values: ArrayLike<number>,
  reference: ArrayLike<number>,
  skip?: (index: number) => boolean,
): number {
  if (values.length !== reference.length) return Number.POSITIVE_INFINITY;
  let [scale, largest] = [0, 0];
  for (let index = 0; index < reference.length; index++) {
    scale = Math.max(scale, Math.abs(reference[index]));
    if (skip?.(index) || values[index] === reference[index]) continue;
    const error = Math.abs(values[index] - reference[index]);
    largest = Math.max(largest, Number.isNaN(error) ? Number.POSITIVE_INFINITY : error);
  }
  return scale > 0 ? largest / scale : largest;
}

/** The largest relative error of each kind, or null where a fixture has nothing of the kind. */
export interface MaxErrors {
  output: number | null;
  loss: number | null;
  gradients: number | null;
  step: number | null;
}

/** What checking a fixture gives: its model, the verdict by the tolerance, and the errors behind it. */
export interface GoldenResult {
  model: string;
  pass: boolean;
  maxError: MaxErrors;
  /** Error of every tensor, by its path in the fixture. */
  errors: Record<string, number>;
}

/** Collects the errors of a fixture's tensors and gives the verdict. */
export class GoldenCheck {
  readonly errors: Record<string, number> = {};
  readonly #worst: MaxErrors = { output: null, loss: null, gradients: null, step: null };

  /** Compares one tensor (or number); `path` names it in the fixture. Nothing is done where the fixture lacks it. */
  compare(
    kind: keyof MaxErrors,
    path: string,
    values: ArrayLike<number> | number,
    reference: ArrayLike<number> | number | undefined,
    skip?: (index: number) => boolean,
  ): void {
    if (reference === undefined) return;
    const list = (value: ArrayLike<number> | number) => (typeof value === 'number' ? [value] : value);
    const error = tensorError(list(values), list(reference), skip);
    this.errors[path] = error;
    this.#worst[kind] = Math.max(this.#worst[kind] ?? 0, error);
  }

  /** The verdict; a fixture of which nothing was compared does not pass. */
  result(model: string): GoldenResult {
    const errors = Object.values(this.errors);
    const pass = errors.length > 0 && errors.every((error) => error <= TOLERANCE);
    return { model, pass, maxError: { ...this.#worst }, errors: this.errors };
  }
}

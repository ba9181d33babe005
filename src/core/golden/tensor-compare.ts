import { z } from 'zod';
import { UserError } from '../errors.ts';

/** Numbers with a shape, row-major. */
export interface Tensor {
  shape: number[];
  data: number[];
}

/** Largest error, relative to the largest entry of the reference, at which a tensor passes. */
export const TOLERANCE = 1e-4;

/** A size in a fixture's config. */
export const whole = z.number().int().positive();

const finite = z.number();

/** A tensor of a fixture: {shape, data}, or a plain list of numbers. */
export const tensorSchema: z.ZodType<Tensor> = z
  .union([z.object({ shape: z.array(z.int().nonnegative()), data: z.array(finite) }), z.array(finite)])
  .transform((value) => (Array.isArray(value) ? { shape: [value.length], data: value } : value))
  .refine((tensor) => tensor.shape.reduce((size, length) => size * length, 1) === tensor.data.length, {
    message: 'the shape does not fit the number of values',
  });

export const matrixSchema = tensorSchema.refine(
  ({ shape }) => shape.length === 2,
  'must have two dimensions',
);

export const tensors = z.record(z.string(), tensorSchema);

/** What a fixture holds under the name of an output: a tensor, a number, or a tensor for each place of a list. */
const outputForm = z.union([
  z.number().transform((value): Tensor => ({ shape: [], data: [value] })),
  tensorSchema,
  z.array(tensorSchema),
]);

/** The optimiser block of a model fixture, besides `params_after_1`, `row_state_after_3`, …: tensors by parameter. */
export const optimiserForm = z
  .object({
    lr: z.number(),
    beta1: z.number().default(0.9),
    beta2: z.number().default(0.999),
    eps: z.number().default(1e-10),
    weight_decay: z.number().default(0),
    /** Loss on the same batch before steps 1, 2, … */
    loss_trace: z.array(z.number()).optional(),
  })
  .loose();

/** A logit, 0 where it is masked: the mask's -50000 would hide any error of the others in its scale. */
function unmasked(logit: number): number {
  return logit < -1e4 ? 0 : logit;
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
    const [value, wanted] = [unmasked(values[index]), unmasked(reference[index])];
    scale = Math.max(scale, Math.abs(wanted));
    if (skip?.(index) || value === wanted) continue;
    const error = Math.abs(value - wanted);
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

export type Values = ArrayLike<number> | number;
/** A number as a list of one. */
function listOf(value: Tensor | Values): ArrayLike<number> {
  if (typeof value === 'number') return [value];
  return 'data' in value ? value.data : value;
}

/** A fixture of a model: what stands in it, and how far ours is from that. */
export class Golden {
  readonly model: string;
  readonly errors: Record<string, number> = {};
  readonly #json: unknown;
  readonly #worst: MaxErrors = { output: null, loss: null, gradients: null, step: null };

  constructor(model: string, json: unknown) {
    this.model = model;
    this.#json = json;
  }

  /** What stands at a place. Throws UserError where it is not of the form. */
  read<T>(form: z.ZodType<T>, ...at: readonly string[]): T {
    const step = (block: unknown, key: string) => (block as Record<string, unknown> | undefined)?.[key];
    const parsed = form.safeParse(at.reduce(step, this.#json));
    if (parsed.success) return parsed.data;
    const [{ path, message }] = parsed.error.issues;
    const place = [...at, ...path].join('.') || 'the file';
    throw new UserError(`this is no ${this.model} fixture: ${place}: ${message}`);
  }

  /** Compares values with a reference; `path` names it. Nothing is done where there is none. */
  compare(
    kind: keyof MaxErrors,
    path: string,
    values: Values,
    reference: Tensor | Values | undefined,
    skip?: (index: number) => boolean,
  ): void {
    if (reference === undefined) return;
    const error = tensorError(listOf(values), listOf(reference), skip);
    this.errors[path] = error;
    this.#worst[kind] = Math.max(this.#worst[kind] ?? 0, error);
  }

  /** Compares with what stands under their names in a block of the fixture; `blocks.0` is the first of a list there. */
  compareBlock(
    at: readonly string[],
    values: Record<string, Values>,
    { kindOf, shown }: BlockOptions = {},
  ): void {
    for (const [name, value] of Object.entries(values)) {
      const [, list = '', place] = /^(\w+)\.(\d+)$/.exec(name) ?? [];
      const whole = this.read(outputForm.optional(), ...at, name);
      const output = whole ?? this.read(outputForm.optional(), ...at, list);
      const reference = Array.isArray(output) ? output[Number(place)] : output;
      if (!reference) continue;
      const { data } = reference;
      this.compare(
        kindOf?.(name) ?? 'output',
        [...at, name].join('.'),
        shown?.(listOf(value), data) ?? value,
        data,
      );
    }
  }

  /** The same where every number of the block is to be one of ours. */
  compareNumbers(at: readonly string[], values: Record<string, number>): void {
    const block = this.read(z.record(z.string(), z.unknown()).default({}), ...at);
    for (const [name, value] of Object.entries(block)) {
      if (typeof value !== 'number') continue;
      this.compare('output', [...at, name].join('.'), values[name] ?? Number.NaN, value);
    }
  }

  /** The verdict; a fixture of which nothing was compared does not pass. */
  result(): GoldenResult {
    const errors = Object.values(this.errors);
    const pass = errors.length > 0 && errors.every((error) => error <= TOLERANCE);
    return { model: this.model, pass, maxError: { ...this.#worst }, errors: this.errors };
  }
}

interface BlockOptions {
  kindOf?(name: string): keyof MaxErrors;
  /** Ours as the fixture has it. */
  shown?(values: ArrayLike<number>, reference: readonly number[]): ArrayLike<number>;
}

/** Runs our code on a fixture and compares everything it holds. */
export type FixtureCheck = (golden: Golden) => void | Promise<void>;

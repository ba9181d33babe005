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

export const tensors = z.record(z.string(), tensorSchema);

/** What a fixture holds under the name of an output: a tensor, a number, or a tensor for each place of a list. */
export const outputForm = z.union([
  z.number().transform((value): Tensor => ({ shape: [1], data: [value] })),
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

export type Values = ArrayLike<number> | number;
/** What a fixture holds under a name, if anything. */
type Reference = Tensor | Values | undefined;

/** A number as a list of one. */
export function listOf(value: Tensor | Values): ArrayLike<number> {
  if (typeof value === 'number') return [value];
  return 'data' in value ? value.data : value;
}

/** Collects the errors of a fixture's tensors and gives the verdict. */
export class GoldenCheck {
  readonly errors: Record<string, number> = {};
  readonly #worst: MaxErrors = { output: null, loss: null, gradients: null, step: null };

  /** Compares one tensor (or number); `path` names it in the fixture. Nothing is done where the fixture lacks it. */
  compare(
    kind: keyof MaxErrors,
    path: string,
    values: Values,
    reference: Reference,
    skip?: (index: number) => boolean,
  ): void {
    if (reference === undefined) return;
    const error = tensorError(listOf(values), listOf(reference), skip);
    this.errors[path] = error;
    this.#worst[kind] = Math.max(this.#worst[kind] ?? 0, error);
  }

  /** Compares every value with what stands under its name in a block of the fixture; `path` names the block. */
  compareNamed<Name extends string>(
    kind: keyof MaxErrors,
    path: string,
    block: Partial<Record<NoInfer<Name>, Reference>>,
    values: Record<Name, Values>,
  ): void {
    for (const name of Object.keys(values) as Name[])
      this.compare(kind, `${path}.${name}`, values[name], block[name]);
  }

  /** The verdict; a fixture of which nothing was compared does not pass. */
  result(model: string): GoldenResult {
    const errors = Object.values(this.errors);
    const pass = errors.length > 0 && errors.every((error) => error <= TOLERANCE);
    return { model, pass, maxError: { ...this.#worst }, errors: this.errors };
  }
}

/** Runs our code on a fixture and compares everything it holds. */
export type FixtureCheck = (fixture: unknown) => Promise<GoldenResult>;

/** A place of a model's fixture. Throws UserError where it is not of the form. */
export function readAt<T>(model: string, form: z.ZodType<T>, json: unknown, at: readonly string[] = []): T {
  const value = at.reduce<unknown>(
    (block, key) => (block as Record<string, unknown> | undefined)?.[key],
    json,
  );
  const parsed = form.safeParse(value);
  if (parsed.success) return parsed.data;
  const [{ path, message }] = parsed.error.issues;
  const place = [...at, ...path].join('.') || 'the file';
  throw new UserError(`this is no ${model} fixture: ${place}: ${message}`);
}

/** The check of a model's fixtures, which `run` compares. */
export function fixtureCheck<T>(
  model: string,
  form: z.ZodType<T>,
  run: (golden: GoldenCheck, fixture: T) => void,
): FixtureCheck {
  return async (json) => {
    const golden = new GoldenCheck();
    run(golden, readAt(model, form, json));
    return golden.result(model);
  };
}

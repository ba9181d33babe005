import type { HostArray, TensorSpec } from '../engine/index.ts';
import { bool, hostArray } from '../engine/index.ts';
import { Random } from '../math/random.ts';

/** An input of a training step that is drawn from (seed, step), never inside the step. */
export type RandomInput =
  /** Dropout mask: bool, 0 with probability `rate`. */
  | { kind: 'mask'; spec: TensorSpec; rate: number }
  /** A dropout mask whose shape is the same for every micro-batch: all micro-batches of a step share it. */
  | { kind: 'step-mask'; spec: TensorSpec; rate: number }
  /** Uniform int32 in [low, high), shared by the micro-batch. */
  | { kind: 'integers'; spec: TensorSpec; low: number; high: number; unseen?: boolean }
  /**
   * Uniform int32 in [low, high), spec [rows, ...]: every row from its own user's stream, so that a
   * user's draws depend neither on the bucket nor on the company. `unseen`: items that the row's user knows are drawn again.
   */
  | { kind: 'user-integers'; spec: TensorSpec; low: number; high: number; unseen?: boolean }
  /** Uniform float32 in (0, 1), both ends out: their logarithms, and those of one minus them, are finite. */
  | { kind: 'uniform'; spec: TensorSpec };

export type RandomInputs = Readonly<Record<string, RandomInput>>;

/** A dropout mask. */
export function dropoutMask(rate: number, ...shape: number[]): RandomInput {
  return { kind: 'mask', spec: bool(...shape), rate };
}

export function randomSpecs(inputs: RandomInputs): Record<string, TensorSpec> {
  return Object.fromEntries(Object.entries(inputs).map(([name, { spec }]) => [name, spec]));
}

export interface DrawContext {
  seed: number;
  step: number;
  /** Index of the micro-batch within the step. */
  micro: number;
  /** Dense user of each row, -1 for padding rows. */
  users: Int32Array;
  /** What `unseen` integers are not. */
  known?: Known;
}

/** The items that users know; somebody who knows all of them gets any. */
export interface Known {
  knows(user: number, item: number): boolean;
  knowsAll(user: number): boolean;
}

/** Arrays to reuse: those of one shape of micro-batch, and those of a step, which hold what its first one drew. */
export interface DrawBuffers {
  micro: Record<string, HostArray>;
  step: Record<string, HostArray>;
}

/** Draws every random input of one micro-batch. */
export function drawInputs(
  inputs: RandomInputs,
  context: DrawContext,
  buffers: DrawBuffers = { micro: {}, step: {} },
): Record<string, HostArray> {
  for (const [name, input] of Object.entries(inputs)) {
    const ofStep = input.kind === 'step-mask';
    const kept = ofStep ? buffers.step : buffers.micro;
    const drawn = ofStep && context.micro > 0 && name in kept;
    kept[name] ??= hostArray(input.spec);
    if (!drawn) drawOne(name, input, context, kept[name]);
  }
  return { ...buffers.micro, ...buffers.step };
}

function drawOne(name: string, input: RandomInput, context: DrawContext, target: HostArray): void {
  const { seed, step, micro } = context;
  if (input.kind === 'mask') {
    new Random(seed, step, `${micro}/${name}`).fillMask(target as Uint8Array, input.rate);
  } else if (input.kind === 'step-mask') {
    new Random(seed, step, name).fillMask(target as Uint8Array, input.rate);
  } else if (input.kind === 'uniform') {
    const random = new Random(seed, step, `${micro}/${name}`);
    // 24 bits: the midpoints of 2^23 intervals are exact in float32.
    for (let i = 0; i < target.length; i++) target[i] = ((random.uint32() >>> 9) + 0.5) / 2 ** 23;
  } else drawIntegers(name, input, context, target as Int32Array);
}

function drawIntegers(
  name: string,
  input: Extract<RandomInput, { low: number }>,
  { seed, step, micro, users, known }: DrawContext,
  target: Int32Array,
): void {
  const { kind, low, high, unseen } = input;
  const width = target.length / users.length;
  const shared = kind === 'integers' ? new Random(seed, step, `${micro}/${name}`) : null;
  shared?.fillIntegers(target, low, high);
  if (shared && !unseen) return;
  for (const [row, user] of users.entries()) {
    if (user < 0) continue;
    const part = target.subarray(row * width, (row + 1) * width);
    const random = shared ?? new Random(seed, step, `${name}/${user}`);
    if (!shared) random.fillIntegers(part, low, high);
    if (!unseen || !known || known.knowsAll(user)) continue;
    for (let i = 0; i < part.length; i++)
      while (known.knows(user, part[i])) part[i] = low + random.below(high - low);
  }
}

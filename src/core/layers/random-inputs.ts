import type { HostArray, TensorSpec } from '../engine/index.ts';
import { bool, hostArray, maskWords } from '../engine/index.ts';
import { Random } from '../math/random.ts';

/** An input of a training step that is drawn from (seed, step), never inside the step. */
export type RandomInput =
  /** Dropout mask, bool: 0 with probability `rate`. What is drawn for it is in the `MaskForm`. */
  | { kind: 'mask'; spec: TensorSpec; rate: number }
  /** A dropout mask whose shape is the same for every micro-batch: all micro-batches of a step share it. */
  | { kind: 'step-mask'; spec: TensorSpec; rate: number }
  /**
   * Int32 in [low, high), shared by the micro-batch: uniform, or by the batch's own odds. `unseen`: items that the row's user
   * knows are drawn again.
   */
  | ({ kind: 'integers' } & Integers)
  /** The same, spec [rows, ...]: every row from its own user's stream, so that a user's draws depend neither on the bucket nor on the company. */
  | ({ kind: 'user-integers' } & Integers)
  /** Int32 [n]: targets of the micro-batch, each of its predictions as likely as any other. */
  | { kind: 'batch-targets'; spec: TensorSpec }
  /** Float32: ln of how likely the items of the input `of` are by the batch's odds. */
  | { kind: 'log-odds'; spec: TensorSpec; of: string }
  /** Bool [rows, n]: whether the row's user knows the items of the input `of`, [n]. */
  | { kind: 'known'; spec: TensorSpec; of: string }
  /** Uniform float32 in (0, 1), both ends out: their logarithms, and those of one minus them, are finite. */
  | { kind: 'uniform'; spec: TensorSpec }
  /** Standard normal float32, shared by all micro-batches of a step. */
  | { kind: 'step-normal'; spec: TensorSpec };

interface Integers {
  spec: TensorSpec;
  low: number;
  high: number;
  unseen?: boolean;
  byOdds?: boolean;
}

/** Whether all micro-batches of a step get the same. */
export const isOfStep = ({ kind }: RandomInput) => kind === 'step-mask' || kind === 'step-normal';

export type RandomInputs = Readonly<Record<string, RandomInput>>;

/** A dropout mask. */
export function dropoutMask(rate: number, ...shape: number[]): RandomInput {
  return { kind: 'mask', spec: bool(...shape), rate };
}

/**
 * What is drawn for a dropout mask: `words` of which the step makes it (`maskOf`), or every element, `drawn` as runs of
 * earlier versions had it, which go on so.
 */
export type MaskForm = 'words' | 'drawn';

const isMask = ({ kind }: RandomInput) => kind === 'mask' || kind === 'step-mask';

const drawnSpec = (input: RandomInput, masks: MaskForm): TensorSpec =>
  isMask(input) && masks === 'words' ? maskWords(input.spec.shape) : input.spec;

/** Specs of what is drawn. */
export function randomSpecs(inputs: RandomInputs, masks: MaskForm): Record<string, TensorSpec> {
  return Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, drawnSpec(input, masks)]));
}

export interface DrawContext {
  seed: number;
  step: number;
  masks: MaskForm;
  /** Index of the micro-batch within the step. */
  micro: number;
  /** Dense user of each row, -1 for padding rows. */
  users: Int32Array;
  /** What `unseen` integers are not. */
  known?: Known;
  /** What integers by odds are drawn from. */
  sampler?: { draw(random: Random): number; share(item: number): number };
  /** The other inputs of the micro-batch, where something is drawn from them. */
  inputs?: Readonly<Record<string, HostArray>>;
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

/** Draws every random input of one micro-batch that it does not bring itself. */
export function drawInputs(
  inputs: RandomInputs,
  context: DrawContext,
  buffers: DrawBuffers = { micro: {}, step: {} },
): Record<string, HostArray> {
  for (const [name, input] of Object.entries(inputs)) {
    if (context.inputs && name in context.inputs) continue;
    const ofStep = isOfStep(input);
    const kept = ofStep ? buffers.step : buffers.micro;
    const drawn = ofStep && context.micro > 0 && name in kept;
    kept[name] ??= hostArray(drawnSpec(input, context.masks));
    if (!drawn) drawOne(name, input, context, kept[name], buffers.micro);
  }
  return { ...buffers.micro, ...buffers.step };
}

type Inputs = Readonly<Record<string, HostArray>>;

function drawOne(
  name: string,
  input: RandomInput,
  context: DrawContext,
  target: HostArray,
  drawn: Inputs,
): void {
  const { seed, step, micro } = context;
  const random = () => new Random(seed, step, `${micro}/${name}`);
  if (input.kind === 'mask') fillMask(random(), target, input.rate);
  else if (input.kind === 'step-mask') fillMask(new Random(seed, step, name), target, input.rate);
  else if (input.kind === 'uniform') {
    const stream = random();
    // 24 bits: the midpoints of 2^23 intervals are exact in float32.
    for (let i = 0; i < target.length; i++) target[i] = ((stream.uint32() >>> 9) + 0.5) / 2 ** 23;
  } else if (input.kind === 'step-normal') {
    const stream = new Random(seed, step, name);
    for (let i = 0; i < target.length; i++) target[i] = stream.normal();
  } else if (input.kind === 'batch-targets') drawTargets(random(), context, target);
  else if (input.kind === 'log-odds') {
    const { sampler } = context;
    const items = itemsOf(input.of, context, drawn);
    for (let i = 0; i < target.length; i++) target[i] = sampler ? Math.log(sampler.share(items[i])) : 0;
  } else if (input.kind === 'known') markKnown(itemsOf(input.of, context, drawn), context, target);
  else drawIntegers(name, input, context, target as Int32Array);
}

function fillMask(random: Random, target: HostArray, rate: number): void {
  if (target instanceof Int32Array) random.fillWords(target);
  else random.fillMask(target as Uint8Array, rate);
}

const itemsOf = (name: string, { inputs = {} }: DrawContext, drawn: Inputs) => drawn[name] ?? inputs[name];

/** Padding has no weight, and is no target. */
function drawTargets(random: Random, { inputs = {} }: DrawContext, target: HostArray): void {
  const { targets, weights } = inputs;
  const real = Int32Array.from(weights.keys()).filter((at) => weights[at] > 0);
  for (let i = 0; i < target.length; i++)
    target[i] = real.length === 0 ? 0 : targets[real[random.below(real.length)]];
}

function markKnown(items: HostArray, { users, known }: DrawContext, target: HostArray): void {
  for (const [row, user] of users.entries()) {
    for (const [at, item] of items.entries())
      target[row * items.length + at] = user >= 0 && known?.knows(user, item) ? 1 : 0;
  }
}

function drawIntegers(
  name: string,
  input: Extract<RandomInput, { low: number }>,
  { seed, step, micro, users, known, sampler }: DrawContext,
  target: Int32Array,
): void {
  const { kind, low, high, unseen, byOdds } = input;
  const width = target.length / users.length;
  const shared = kind === 'integers' ? new Random(seed, step, `${micro}/${name}`) : null;
  const fill = (part: Int32Array, random: Random) => {
    if (!byOdds || !sampler) random.fillIntegers(part, low, high);
    else for (let i = 0; i < part.length; i++) part[i] = sampler.draw(random);
  };
  if (shared) fill(target, shared);
  if (shared && !unseen) return;
  for (const [row, user] of users.entries()) {
    if (user < 0) continue;
    const part = target.subarray(row * width, (row + 1) * width);
    const random = shared ?? new Random(seed, step, `${name}/${user}`);
    if (!shared) fill(part, random);
    if (!unseen || !known || known.knowsAll(user)) continue;
    for (let i = 0; i < part.length; i++)
      while (known.knows(user, part[i])) part[i] = low + random.below(high - low);
  }
}

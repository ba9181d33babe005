import * as tf from './tf.ts';
import { float32, type Specs, sizeOf, type TensorSpec, type Tensors } from './types.ts';

export interface OptimiserConfig {
  /** lazy-adam is adam, but for tables on the host: the moments of a row change only in the steps that see it. */
  optimiser: 'adam' | 'adamw' | 'lazy-adam' | 'adagrad' | 'rowwise-adagrad' | 'sgd';
  beta1: number;
  beta2: number;
  epsilon: number;
  /** L2 term of the gradient; decoupled decay for adamw. */
  weightDecay: number;
  /** What it shrinks: everything, all but vectors (norms and biases), or matrices alone, which embeddings are not. Default: all. */
  decayed?: 'all' | 'tables-and-matrices' | 'matrices';
  /** Share of the last change that the adagrads and sgd repeat. Default: 0. */
  momentum?: number;
  /** Largest global gradient norm; 0 leaves gradients as they are. */
  clipNorm: number;
}

/** Scalars an update needs, computed on the host in double precision. */
export interface UpdateScalars {
  stepSize: number;
  epsilon: number;
  decay: number;
}

/** What `applyUpdate` measures of a step. */
export const GRADIENT_NORM = 'gradient-norm';
export const UPDATE_RATIO = 'update-ratio';
/** One more pass over the gradients of as many numbers takes less than a fiftieth of a step. */
const MEASURED_NUMBERS = 2 ** 20;

/** Names and shapes of the optimiser's own state for these parameters. */
export function slotSpecs(config: OptimiserConfig, parameters: Specs): Specs {
  const change = config.momentum ? ['change'] : [];
  const slots = {
    adam: ['m', 'v'],
    adamw: ['m', 'v'],
    'lazy-adam': ['m', 'v'],
    adagrad: ['v', ...change],
    'rowwise-adagrad': ['v', ...change],
    sgd: change,
  }[config.optimiser];
  const shapeOf = (slot: string, spec: TensorSpec): TensorSpec =>
    slot === 'v' && config.optimiser === 'rowwise-adagrad' && spec.table ? float32(spec.shape[0], 1) : spec;
  return Object.fromEntries(
    Object.entries(parameters).flatMap(([name, spec]) =>
      slots.map((slot) => [`${slot}/${name}`, shapeOf(slot, spec)]),
    ),
  );
}

/**
 * Step size and epsilon of optimiser step `step` (from 1). Adam's bias corrections (Kingma and Ba 2015,
 * section 2) are folded in: lr * m^ / (sqrt(v^) + eps) = stepSize * m / (sqrt(v) + epsilon).
 */
export function updateScalars(config: OptimiserConfig, learningRate: number, step: number): UpdateScalars {
  const { optimiser, weightDecay } = config;
  if (optimiser !== 'adam' && optimiser !== 'adamw' && optimiser !== 'lazy-adam') {
    return { stepSize: learningRate, epsilon: config.epsilon, decay: weightDecay };
  }
  const correction1 = 1 - config.beta1 ** step;
  const root2 = Math.sqrt(1 - config.beta2 ** step);
  return {
    stepSize: (learningRate * root2) / correction1,
    epsilon: config.epsilon * root2,
    decay: optimiser === 'adamw' ? learningRate * weightDecay : weightDecay,
  };
}

/** L2 norm of all tensors together. */
export function globalNorm(tensors: Tensors): tf.Tensor {
  const squares = Object.values(tensors).map((x) => tf.sum(tf.square(x)));
  return tf.sqrt(squares.reduce((total, square) => tf.add(total, square)));
}

/** Scales gradients so that their global L2 norm is at most clipNorm (Pascanu et al. 2013). */
function clip(gradients: Tensors, clipNorm: number): Tensors {
  if (clipNorm === 0) return gradients;
  const norm = globalNorm(gradients);
  const scale = tf.minimum(tf.scalar(1), tf.div(tf.scalar(clipNorm), tf.add(norm, 1e-6)));
  return Object.fromEntries(Object.entries(gradients).map(([name, g]) => [name, tf.mul(g, scale)]));
}

/** Whether weight decay shrinks a parameter. */
export function decays(
  { weightDecay, decayed = 'all' }: OptimiserConfig,
  { shape, table, embedding }: TensorSpec,
): boolean {
  if (weightDecay === 0 || decayed === 'all') return weightDecay !== 0;
  return shape.length > 1 && !((table || embedding) && decayed === 'matrices');
}

/** Moving average: decay * average + (1 - decay) * value. */
function blend(average: tf.Tensor, value: tf.Tensor, decay: number): tf.Tensor {
  return tf.add(tf.mul(average, decay), tf.mul(value, 1 - decay));
}

/**
 * One update as ops. `parameters`, `gradients`, `specs`: by parameter name. `slots`: as named by slotSpecs.
 * `scalars`: rank-0 tensors of UpdateScalars. Returns new parameters and slots together, and `measures` of the step, [] each: the norm
 * of the gradient before it is clipped, and of all that is no table the norm of the change over that of the parameters. What would cost a
 * further pass over large tables is left out: the change of tables, and the gradient of many numbers that are not clipped.
 * Adam: Kingma and Ba 2015. AdamW: Loshchilov and Hutter 2019. Adagrad: Duchi et al. 2011; row-wise, a table's row has
 * the sum of its mean squared gradients (Mudigere et al. 2022, section 4.1.4). Momentum: Polyak 1964.
 */
export function applyUpdate(
  config: OptimiserConfig,
  parameters: Tensors,
  gradients: Tensors,
  slots: Tensors,
  scalars: Record<keyof UpdateScalars, tf.Tensor>,
  specs: Specs,
): { parameters: Tensors; slots: Tensors; measures: Tensors } {
  const next: Record<'parameters' | 'slots' | 'measures', Tensors> = {
    parameters: {},
    slots: {},
    measures: {},
  };
  const changes: Tensors = {};
  for (const [name, clipped] of Object.entries(clip(gradients, config.clipNorm))) {
    const parameter = parameters[name];
    const decoupled = config.optimiser === 'adamw';
    const shrinks = decays(config, specs[name]);
    const gradient = shrinks && !decoupled ? tf.add(clipped, tf.mul(parameter, scalars.decay)) : clipped;
    const step = direction(config, name, gradient, slots, next.slots, scalars.epsilon);
    const last = slots[`change/${name}`];
    const change = config.momentum && last ? tf.add(tf.mul(last, config.momentum), step) : step;
    if (change !== step) next.slots[`change/${name}`] = change;
    const kept = shrinks && decoupled ? tf.sub(parameter, tf.mul(parameter, scalars.decay)) : parameter;
    next.parameters[name] = tf.sub(kept, tf.mul(change, scalars.stepSize));
    if (!specs[name].embedding && !specs[name].table)
      changes[name] = tf.sub(next.parameters[name], parameter);
  }
  const sizes = Object.keys(gradients).map((name) => sizeOf(specs[name].shape));
  const numbers = sizes.reduce((sum, size) => sum + size, 0);
  // Clipping knows it already.
  if (numbers > 0 && (config.clipNorm > 0 || numbers <= MEASURED_NUMBERS))
    next.measures[GRADIENT_NORM] = globalNorm(gradients);
  if (Object.keys(changes).length === 0) return next;
  // Parameters that are all 0 have a change of no size.
  next.measures[UPDATE_RATIO] = tf.div(
    globalNorm(changes),
    tf.maximum(
      globalNorm(Object.fromEntries(Object.keys(changes).map((name) => [name, parameters[name]]))),
      tf.scalar(1e-30),
    ),
  );
  return next;
}

/** What is subtracted, before the step size; new slots are put into `nextSlots`. */
function direction(
  config: OptimiserConfig,
  name: string,
  gradient: tf.Tensor,
  slots: Tensors,
  nextSlots: Tensors,
  epsilon: tf.Tensor,
): tf.Tensor {
  if (config.optimiser === 'sgd') return gradient;
  const v = slots[`v/${name}`];
  const square = tf.square(gradient);
  if (config.optimiser === 'adagrad' || config.optimiser === 'rowwise-adagrad') {
    const rowwise = v.shape.at(-1) !== gradient.shape.at(-1);
    const sum = tf.add(v, rowwise ? tf.mean(square, -1, true) : square);
    nextSlots[`v/${name}`] = sum;
    return tf.div(gradient, tf.add(tf.sqrt(sum), epsilon));
  }
  const m = blend(slots[`m/${name}`], gradient, config.beta1);
  const second = blend(v, square, config.beta2);
  nextSlots[`m/${name}`] = m;
  nextSlots[`v/${name}`] = second;
  return tf.div(m, tf.add(tf.sqrt(second), epsilon));
}

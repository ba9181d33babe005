/** The graphs of a training step: gradients of a micro-batch, the update, and both in one. */
import type { Tensor } from '@tensorflow/tfjs';
import {
  applyUpdate,
  float32,
  globalNorm,
  int32,
  type OptimiserConfig,
  type Precision,
  type Program,
  type Specs,
  slotSpecs,
  type Tensors,
  type UpdateScalars,
} from '../engine/index.ts';
import * as tf from '../engine/tf.ts';
import { isOfStep, type MaskForm, randomSpecs } from '../layers/index.ts';
import { stateOf, withConstants } from './constants.ts';
import { PRESENT_DRAWS } from './draws.ts';
import { fewerRows } from './fitting-rows.ts';
import { sideSpecs } from './side-features.ts';
import type { BatchKind, BatchShape, SequenceBatchKind, StepInputs, StepModel } from './step-model.ts';

const SCALARS = ['stepSize', 'epsilon', 'decay'] as const satisfies (keyof UpdateScalars)[];

const gradientName = (parameter: string) => `gradient/${parameter}`;

function prefixed(specs: Specs, rename: (name: string) => string): Specs {
  return Object.fromEntries(Object.entries(specs).map(([name, spec]) => [rename(name), spec]));
}

function pick(tensors: Tensors, names: string[], rename = (name: string) => name): Tensors {
  return Object.fromEntries(names.map((name) => [name, tensors[rename(name)]]));
}

/** Host inputs of a training batch, without the random ones. */
export function batchSpecs(model: StepModel, { rows, length }: BatchShape): Specs {
  if (model.batches.kind === 'custom') return model.batches.inputs({ rows, length });
  if (model.batches.kind === 'pairs') {
    return { users: int32(rows), positives: int32(rows), negatives: int32(rows), weights: float32(rows) };
  }
  const { task } = model.batches;
  const questions = task?.questions(length) ?? length;
  return {
    ...historySpecs(model.batches, { rows, length }),
    ...(task ? { special: int32(rows, length), asked: int32(rows, questions) } : {}),
    targets: int32(rows, questions),
    weights: float32(rows, questions),
    ...sessionSpecs(model.batches, rows),
  };
}

/** What SessionBatches writes besides. */
function sessionSpecs({ sessions }: SequenceBatchKind, rows: number): Specs {
  if (!sessions) return {};
  if (sessions.count === 0) return { continues: float32(rows) };
  return {
    continues: float32(rows),
    negatives: int32(sessions.count),
    negativeLogQ: float32(sessions.count),
    targetLogQ: float32(rows),
  };
}

/** As SequenceInputs writes them. */
function historySpecs({ columns }: SequenceBatchKind, { rows, length }: BatchShape): Specs {
  const cells = int32(rows, length);
  return {
    ids: cells,
    lengths: int32(rows),
    ...(columns.times ? { times: cells, queryTimes: cells } : {}),
    ...(columns.ratings ? { ratings: cells } : {}),
    ...(columns.actions ? { actions: cells } : {}),
    ...(columns.users ? { users: int32(rows) } : {}),
    ...sideSpecs(columns.side ?? [], { rows, length }),
  };
}

/** Host inputs of a scoring batch. */
export function scoringSpecs(
  { batches }: { batches: Exclude<BatchKind, { kind: 'custom' }> },
  { rows, length }: BatchShape,
): Specs {
  if (batches.kind === 'pairs') return { users: int32(rows) };
  return historySpecs(batches, { rows, length });
}

/** Inputs that lookups in host tables fill: pooled sums, or rows of a table under its name. */
export function pooledSpecs(model: StepModel, shape: BatchShape): Specs {
  if (model.batches.kind === 'custom') return model.batches.pooled?.(shape) ?? {};
  return rowSpecs(model, shape);
}

/** The rows of a host table that stand in its place. */
export function rowSpecs({ tableIds, hostTables = {} }: StepModel, { tableRows = 0 }: BatchShape): Specs {
  if (!tableIds) return {};
  const { table } = tableIds;
  return { [table]: float32(tableRows, hostTables[table].dim) };
}

/** What programs of float16 products have besides: the scale of the loss, and whether a gradient was not finite. */
export const LOSS_SCALE = 'lossScale';
export const OVERFLOW = 'overflow';

/** Output of a step that is the gradient of a pooled input. */
export const pooledGradient = (input: string) => `gradient/${input}`;

/** Both sets of tensors, those of `tracked` still to be read. */
function withTensors(tracked: Tensors, others: Tensors): Tensors {
  return Object.defineProperties({ ...others }, Object.getOwnPropertyDescriptors(tracked));
}

/**
 * Names of the inputs of micro-batches in the graph of them together: those of a single one as they are; of several with
 * the number of theirs, unless one is drawn for all.
 */
export function inputNames(
  model: StepModel,
  shapes: readonly BatchShape[],
): (at: number, name: string) => string {
  if (shapes.length === 1) return (_, name) => name;
  const drawn = model.randomInputs(shapes[0]);
  return (at, name) => (drawn[name] && isOfStep(drawn[name]) ? name : `${at}/${name}`);
}

/**
 * The inputs of micro-batches in one graph. `read` runs a step with them, each under its own names beside what is all of
 * them's, and throws where the step has not read what is drawn for it: a mask that a model declares and forgets.
 */
function batchInputs(model: StepModel, shapes: readonly BatchShape[], masks: MaskForm) {
  const nameOf = inputNames(model, shapes);
  const specsOf = shapes.map((shape) => ({
    ...batchSpecs(model, shape),
    ...pooledSpecs(model, shape),
    ...randomSpecs(model.randomInputs(shape), masks),
  }));
  const named = specsOf.map((specs, at) => prefixed(specs, (name) => nameOf(at, name)));
  return {
    specs: Object.assign({}, ...named) as Specs,
    read<T>(tensors: Tensors, run: (batches: StepInputs[]) => T): T {
      const seen = new Set<string>();
      const batches = shapes.map((shape, at) => {
        const inputs: Tensors = { ...tensors };
        for (const own of Object.keys(specsOf[at])) {
          const name = nameOf(at, own);
          const get = () => {
            seen.add(name);
            return tensors[name];
          };
          Object.defineProperty(inputs, own, { get, enumerable: true, configurable: true });
        }
        return { shape, inputs };
      });
      const result = run(batches);
      for (const [at, shape] of shapes.entries()) {
        const unread = Object.keys(model.randomInputs(shape)).find((name) => !seen.has(nameOf(at, name)));
        if (unread) throw new Error(`"${unread}" is drawn for every step and never read`);
      }
      return result;
    },
  };
}

/** A loss of tensors by name, and its gradients by the same names. */
function withGradients(
  tensors: Tensors,
  loss: (tensors: Tensors) => Tensor,
): { loss: Tensor; gradients: Tensors } {
  const names = Object.keys(tensors);
  const named = (values: readonly Tensor[]) => Object.fromEntries(names.map((name, i) => [name, values[i]]));
  const objective = (...values: Tensor[]) => loss(named(values)) as tf.Scalar;
  const { value, grads } = tf.valueAndGrads(objective)(Object.values(tensors));
  return { loss: value, gradients: named(grads) };
}

/**
 * Loss, gradients by parameter name, and gradients of the pooled inputs as outputs: of one micro-batch, or of several that
 * the model computes together. The gradients are those of the loss times `scale`, a power of two.
 */
export function gradientsOf(
  model: StepModel,
  parameters: Tensors,
  batches: readonly StepInputs[],
  scale?: Tensor,
): { loss: Tensor; gradients: Tensors; pooled: Tensors } {
  const names = Object.keys(parameters);
  const [{ inputs, shape }] = batches;
  const pooled = Object.keys(pooledSpecs(model, shape));
  const lossOf = (tensors: Tensors): Tensor => {
    if (batches.length === 1) {
      return model.tableIds
        ? model.loss(tensors, inputs, shape)
        : model.loss(pick(tensors, names), withTensors(inputs, pick(tensors, pooled)), shape);
    }
    if (!model.jointLoss) throw new Error('the model takes its micro-batches one after the other');
    return model.jointLoss(tensors, batches);
  };
  const { loss, gradients } = withGradients({ ...parameters, ...pick(inputs, pooled) }, (tensors) =>
    scale ? tf.mul(lossOf(tensors), scale) : lossOf(tensors),
  );
  return {
    loss: scale ? tf.div(loss, scale) : loss,
    gradients: pick(gradients, names),
    pooled: Object.fromEntries(pooled.map((name) => [pooledGradient(name), gradients[name]])),
  };
}

/** Gradients of a scaled loss as those of the loss. */
function unscaled(gradients: Tensors, scale: Tensor | undefined): Tensors {
  if (!scale) return gradients;
  return Object.fromEntries(Object.entries(gradients).map(([name, g]) => [name, tf.div(g, scale)]));
}

/** 1 where a gradient is not finite, else 0. */
function overflowOf(gradients: Tensors): Tensor {
  const finite = tf.less(globalNorm(gradients), tf.scalar(Number.POSITIVE_INFINITY));
  return tf.sub(tf.scalar(1), tf.cast(finite, 'float32'));
}

const updateInputs: Specs = Object.fromEntries(SCALARS.map((name) => [name, float32()]));

function scalarsOf(inputs: Tensors): Record<keyof UpdateScalars, Tensor> {
  return pick(inputs, [...SCALARS]) as Record<keyof UpdateScalars, Tensor>;
}

/**
 * The programs that train `model`. A step is one of three kinds:
 *
 * | kind | programs | gradients of |
 * |---|---|---|
 * | whole | `step` of its only micro-batch | `loss` |
 * | joint | `step` of all its micro-batches | `jointLoss` |
 * | accumulated | `accumulate` of each micro-batch, then `update` | `loss`, added up |
 */
export class StepPrograms {
  /** The optimiser's own state, and the model's persistent state. */
  readonly slots: Specs;
  /** Gradient sums, empty between steps. */
  readonly sums: Specs;
  /** Before the first program is asked for. */
  masks: MaskForm = PRESENT_DRAWS.masks;
  readonly #model: StepModel;
  readonly #optimiser: OptimiserConfig;
  readonly #names: string[];
  readonly #persistent: string[];
  /** Persistent state that steps only read, which every micro-batch of a step may have. */
  readonly #read: Specs;
  /** Of programs with a loss of float16 products. */
  readonly #half: Pick<Program, 'precision' | 'lossScale'>;
  readonly #scale: Specs;

  /** Whether the model has blocks that could be computed again, and are not. */
  readonly #keepsBlocks: boolean;

  constructor(
    model: StepModel,
    optimiser: OptimiserConfig & { precision?: Precision; recomputeBlocks?: boolean },
  ) {
    const persistent = model.persistent?.specs ?? {};
    this.#model = model;
    this.#optimiser = optimiser;
    this.#keepsBlocks = optimiser.recomputeBlocks === false;
    this.#names = Object.keys(model.parameters);
    this.#persistent = Object.keys(persistent);
    this.slots = { ...slotSpecs(optimiser, model.parameters), ...persistent };
    this.sums = prefixed(model.parameters, gradientName);
    this.#read = model.persistent?.next ? {} : persistent;
    const isHalf = optimiser.precision === 'float16';
    this.#half = isHalf ? { precision: 'float16', lossScale: LOSS_SCALE } : {};
    this.#scale = isHalf ? { [LOSS_SCALE]: float32() } : {};
  }

  /** Gradients and update; outputs `loss`, the gradients of pooled inputs, and what the model reports. */
  step(shapes: readonly BatchShape[]): Program {
    const model = this.#model;
    const { specs, read } = batchInputs(model, shapes, this.masks);
    return {
      name: `step ${shapes.map(labelOf).join(' + ')}`,
      memory: { of: 'a training step', toFit: fewerRows(shapes, this.#keepsBlocks) },
      state: { ...stateOf(model), ...this.slots },
      inputs: { ...specs, ...updateInputs, ...this.#scale },
      ...this.#half,
      ...this.#guard,
      run: (state, inputs) =>
        read(withConstants(model, state, { ...inputs, ...pick(state, this.#persistent) }), (batches) => {
          const current = pick(state, this.#names);
          const scale = this.#scaleOf(inputs);
          const scaled = gradientsOf(model, current, batches, scale);
          const [gradients, pooled] = [unscaled(scaled.gradients, scale), unscaled(scaled.pooled, scale)];
          const next = this.#updated(current, gradients, state, inputs);
          const [{ inputs: own, shape }] = batches;
          const nextState = model.persistent?.next?.(current, own, shape, next.parameters);
          // Another forward pass on paper; the compiled graph computes equal nodes once.
          const reports = model.reports?.(current, own, shape);
          return {
            state: { ...next.parameters, ...next.slots, ...nextState },
            outputs: {
              loss: scaled.loss,
              ...pooled,
              ...reports,
              ...next.measures,
              ...(scale && { [OVERFLOW]: overflowOf({ ...gradients, ...pooled }) }),
            },
          };
        }),
    };
  }

  /** Adds a micro-batch's gradients to the sums; outputs `loss` and the gradients of pooled inputs. */
  accumulate(shapes: readonly BatchShape[]): Program {
    const model = this.#model;
    const { specs, read } = batchInputs(model, shapes, this.masks);
    return {
      name: `gradients ${shapes.map(labelOf).join(' + ')}`,
      memory: { of: 'a training step', toFit: fewerRows(shapes, this.#keepsBlocks) },
      state: { ...stateOf(model), ...this.#read, ...this.sums },
      inputs: { ...specs, ...this.#scale },
      ...this.#half,
      run: (state, inputs) => {
        const given = withConstants(model, state, { ...inputs, ...pick(state, Object.keys(this.#read)) });
        return read(given, (batches) => {
          const scale = this.#scaleOf(inputs);
          const { loss, gradients, ...scaled } = gradientsOf(model, pick(state, this.#names), batches, scale);
          const pooled = unscaled(scaled.pooled, scale);
          // Those of the parameters stay scaled in their sums, and are looked at with them.
          const ofTables: Tensors =
            scale && Object.keys(pooled).length > 0 ? { [OVERFLOW]: overflowOf(pooled) } : {};
          const added = this.#names.map((name) => {
            const sum = gradientName(name);
            return [sum, tf.add(state[sum], gradients[name])];
          });
          return { state: Object.fromEntries(added), outputs: { loss, ...pooled, ...ofTables } };
        });
      },
    };
  }

  #scaleOf(inputs: Tensors): Tensor | undefined {
    const { lossScale } = this.#half;
    return lossScale ? inputs[lossScale] : undefined;
  }

  /** A step whose gradients are not finite changes nothing. */
  get #guard(): Pick<Program, 'guard'> {
    if (!this.#half.lossScale) return {};
    return { guard: { output: OVERFLOW, state: [...this.#names, ...Object.keys(this.slots)] } };
  }

  #updated(current: Tensors, gradients: Tensors, state: Tensors, inputs: Tensors) {
    const { parameters } = this.#model;
    return applyUpdate(this.#optimiser, current, gradients, state, scalarsOf(inputs), parameters);
  }

  /** Updates from the sums and empties them. */
  get update(): Program {
    const names = this.#names;
    return {
      name: 'update',
      state: { ...this.#model.parameters, ...this.slots, ...this.sums },
      inputs: { ...updateInputs, ...this.#scale },
      ...this.#guard,
      run: (state, inputs) => {
        const scale = this.#scaleOf(inputs);
        const gradients = unscaled(pick(state, names, gradientName), scale);
        const current = pick(state, names);
        const next = this.#updated(current, gradients, state, inputs);
        const emptied = names.map((name) => [gradientName(name), tf.zerosLike(gradients[name])]);
        return {
          state: { ...next.parameters, ...next.slots, ...Object.fromEntries(emptied) },
          outputs: { ...next.measures, ...(scale && { [OVERFLOW]: overflowOf(gradients) }) },
        };
      },
    };
  }

  /** The model's predictions for a batch, as the output `predictions`. */
  predict(shape: BatchShape): Program {
    const model = this.#model;
    return {
      name: `predictions ${labelOf(shape)}`,
      state: stateOf(model),
      inputs: { ...batchSpecs(model, shape), ...pooledSpecs(model, shape) },
      run: (state, inputs) => {
        const predictions = model.predict?.(state, withConstants(model, state, inputs), shape);
        if (!predictions) throw new Error('the model predicts nothing of a batch');
        return { outputs: { predictions } };
      },
    };
  }
}

function labelOf({ rows, length }: BatchShape): string {
  return `${rows} x ${length}`;
}

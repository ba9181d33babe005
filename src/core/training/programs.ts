/** The graphs of a training step: gradients of a micro-batch, the update, and both in one. */
import type { Tensor } from '@tensorflow/tfjs';
import {
  applyUpdate,
  float32,
  int32,
  type OptimiserConfig,
  type Program,
  type Specs,
  slotSpecs,
  type Tensors,
  type UpdateScalars,
} from '../engine/index.ts';
import * as tf from '../engine/tf.ts';
import { isOfStep, randomSpecs } from '../layers/index.ts';
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

/** Output of a step that is the gradient of a pooled input. */
export const pooledGradient = (input: string) => `gradient/${input}`;

/** Both sets of tensors, those of `tracked` still to be read. */
function withTensors(tracked: Tensors, others: Tensors): Tensors {
  return Object.defineProperties({ ...others }, Object.getOwnPropertyDescriptors(tracked));
}

/** Runs a step, and throws where it has not read what is drawn for it: a mask that a model declares and forgets. */
function readingAll<T>(model: StepModel, shape: BatchShape, inputs: Tensors, run: (inputs: Tensors) => T): T {
  return readingEvery(model, [{ shape, inputs }], ([tracked]) => run(tracked.inputs));
}

/** The same for a step of several micro-batches: what is drawn once for all of them has to be read by one. */
function readingEvery<T>(
  model: StepModel,
  batches: readonly StepInputs[],
  run: (batches: StepInputs[]) => T,
): T {
  const read = new Set<string>();
  const nameOf = jointNames(model, batches[0].shape);
  const tracked = batches.map(({ inputs, shape }, at) => {
    const watched: Tensors = {};
    for (const name of Object.keys(inputs)) {
      const get = () => {
        read.add(nameOf(at, name));
        return inputs[name];
      };
      Object.defineProperty(watched, name, { get, enumerable: true, configurable: true });
    }
    return { inputs: watched, shape };
  });
  const result = run(tracked);
  for (const [at, { shape }] of batches.entries()) {
    const unread = Object.keys(model.randomInputs(shape)).find((name) => !read.has(nameOf(at, name)));
    if (unread) throw new Error(`"${unread}" is drawn for every step and never read`);
  }
  return result;
}

/** Names of inputs in the graph of several micro-batches: with the number of theirs, unless one is drawn for all. */
export function jointNames(model: StepModel, first: BatchShape): (at: number, name: string) => string {
  const drawn = model.randomInputs(first);
  return (at, name) => (drawn[name] && isOfStep(drawn[name]) ? name : `${at}/${name}`);
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

/** Loss, gradients by parameter name, and gradients of the pooled inputs as outputs. */
export function gradientsOf(
  model: StepModel,
  parameters: Tensors,
  inputs: Tensors,
  shape: BatchShape,
): { loss: Tensor; gradients: Tensors; pooled: Tensors } {
  const names = Object.keys(parameters);
  const pooled = Object.keys(pooledSpecs(model, shape));
  const { loss, gradients } = withGradients({ ...parameters, ...pick(inputs, pooled) }, (tensors) =>
    model.tableIds
      ? model.loss(tensors, inputs, shape)
      : model.loss(pick(tensors, names), withTensors(inputs, pick(tensors, pooled)), shape),
  );
  return {
    loss,
    gradients: pick(gradients, names),
    pooled: Object.fromEntries(pooled.map((name) => [pooledGradient(name), gradients[name]])),
  };
}

const updateInputs: Specs = Object.fromEntries(SCALARS.map((name) => [name, float32()]));

function scalarsOf(inputs: Tensors): Record<keyof UpdateScalars, Tensor> {
  return pick(inputs, [...SCALARS]) as Record<keyof UpdateScalars, Tensor>;
}

/** The programs that train `model`; a step is either `whole`, `joint`, or `accumulate` n times and `update`. */
export class StepPrograms {
  /** The optimiser's own state, and the model's persistent state. */
  readonly slots: Specs;
  /** Gradient sums, empty between steps. */
  readonly sums: Specs;
  readonly #model: StepModel;
  readonly #optimiser: OptimiserConfig;
  readonly #names: string[];
  readonly #persistent: Specs;

  constructor(model: StepModel, optimiser: OptimiserConfig) {
    this.#model = model;
    this.#optimiser = optimiser;
    this.#names = Object.keys(model.parameters);
    this.#persistent = model.persistent?.specs ?? {};
    this.slots = { ...slotSpecs(optimiser, model.parameters), ...this.#persistent };
    this.sums = prefixed(model.parameters, gradientName);
  }

  #inputs(shape: BatchShape): Specs {
    return {
      ...batchSpecs(this.#model, shape),
      ...pooledSpecs(this.#model, shape),
      ...randomSpecs(this.#model.randomInputs(shape)),
    };
  }

  /** Adds the micro-batch's gradients to the sums; outputs `loss` and the gradients of pooled inputs. */
  accumulate(shape: BatchShape): Program {
    const model = this.#model;
    const names = this.#names;
    return {
      name: `gradients ${labelOf(shape)}`,
      state: { ...model.parameters, ...this.sums },
      inputs: this.#inputs(shape),
      run: (state, inputs) => {
        const { loss, gradients, pooled } = readingAll(model, shape, inputs, (tracked) =>
          gradientsOf(model, pick(state, names), tracked, shape),
        );
        const added = names.map((name) => [
          gradientName(name),
          tf.add(state[gradientName(name)], gradients[name]),
        ]);
        return { state: Object.fromEntries(added), outputs: { loss, ...pooled } };
      },
    };
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
      inputs: updateInputs,
      run: (state, inputs) => {
        const gradients = pick(state, names, gradientName);
        const current = pick(state, names);
        const next = this.#updated(current, gradients, state, inputs);
        const emptied = names.map((name) => [gradientName(name), tf.zerosLike(gradients[name])]);
        return {
          state: { ...next.parameters, ...next.slots, ...Object.fromEntries(emptied) },
          outputs: {},
        };
      },
    };
  }

  /** Gradients and update of a step that is one micro-batch; outputs as `accumulate`, and what the model reports. */
  whole(shape: BatchShape): Program {
    const model = this.#model;
    return {
      name: `step ${labelOf(shape)}`,
      state: { ...model.parameters, ...this.slots },
      inputs: { ...this.#inputs(shape), ...updateInputs },
      run: (state, inputs) => {
        const current = pick(state, this.#names);
        return readingAll(model, shape, inputs, (tracked) => {
          const all = withTensors(tracked, pick(state, Object.keys(this.#persistent)));
          const { loss, gradients, pooled } = gradientsOf(model, current, all, shape);
          const next = this.#updated(current, gradients, state, inputs);
          const nextState = model.persistent?.next?.(current, all, shape, next.parameters) ?? {};
          // Another forward pass on paper; the compiled graph computes equal nodes once.
          const reports = model.reports?.(current, all, shape) ?? {};
          return {
            state: { ...next.parameters, ...next.slots, ...nextState },
            outputs: { loss, ...pooled, ...reports },
          };
        });
      },
    };
  }

  /** The same of a step whose micro-batches are computed together; inputs are named by `jointNames`. */
  joint(shapes: readonly BatchShape[]): Program {
    const model = this.#model;
    const jointLoss = model.jointLoss?.bind(model);
    if (!jointLoss) throw new Error('the model takes its micro-batches one after the other');
    const nameOf = jointNames(model, shapes[0]);
    const specs = shapes.map((shape) => this.#inputs(shape));
    return {
      name: `step ${shapes.map(labelOf).join(' + ')}`,
      state: { ...model.parameters, ...this.slots },
      inputs: {
        ...Object.assign({}, ...specs.map((spec, at) => prefixed(spec, (name) => nameOf(at, name)))),
        ...updateInputs,
      },
      run: (state, inputs) => {
        const current = pick(state, this.#names);
        const batches = shapes.map((shape, at) => {
          const ofSpec = pick(inputs, Object.keys(specs[at]), (name) => nameOf(at, name));
          return { shape, inputs: ofSpec };
        });
        return readingEvery(model, batches, (tracked) => {
          const { loss, gradients } = withGradients(current, (tensors) => jointLoss(tensors, tracked));
          const next = this.#updated(current, gradients, state, inputs);
          return { state: { ...next.parameters, ...next.slots }, outputs: { loss } };
        });
      },
    };
  }

  /** The model's predictions for a batch, as the output `predictions`. */
  predict(shape: BatchShape): Program {
    const model = this.#model;
    return {
      name: `predictions ${labelOf(shape)}`,
      state: model.parameters,
      inputs: { ...batchSpecs(model, shape), ...pooledSpecs(model, shape) },
      run: (state, inputs) => {
        const predictions = model.predict?.(state, inputs, shape);
        if (!predictions) throw new Error('the model predicts nothing of a batch');
        return { outputs: { predictions } };
      },
    };
  }
}

function labelOf({ rows, length }: BatchShape): string {
  return `${rows} x ${length}`;
}

/** Runs any of our models on a fixture of reference code; what differs between models is stated in a table of each. */
import { z } from 'zod';
import {
  type DeviceContext,
  type HostArrays,
  type HostLookup,
  hostArray,
  type OptimiserConfig,
  onDevice,
  type Specs,
  type Tensors,
} from '../engine/index.ts';
import { UserError } from '../errors.ts';
import { randomSpecs } from '../layers/index.ts';
import { stateOf, withConstants } from '../training/constants.ts';
import { batchSpecs, gradientsOf, pooledGradient, pooledSpecs } from '../training/programs.ts';
import type { BatchShape, StepModel } from '../training/step-model.ts';
import { type StepBatch, StepRunner } from '../training/step-runner.ts';
import { type Names, Parameters } from './parameters.ts';
import {
  type FixtureCheck,
  type Golden,
  optimiserForm,
  type Tensor,
  tensors,
  type Values,
} from './tensor-compare.ts';

/** A model with a batch, and what a fixture may hold of their run. */
export interface Subject {
  model: StepModel;
  shape: BatchShape;
  /** Inputs of a training step; random ones that are left out are zeros. */
  inputs: HostArrays;
  lookups?: readonly HostLookup[];
  /** One number a position of the batch, 0 at padding, whose rows fixtures leave out. */
  present?: ArrayLike<number>;
  /** Outputs by the fixture's names; `blocks.0` is the first of a list. */
  outputs(parameters: Tensors, inputs: Tensors): Tensors;
  /** Further values by the fixture's names, from the outputs of the run. */
  derived?(run: Run): Record<string, Values>;
}

/** A case of a fixture: where it stands, what was run, and what that gave. */
export interface Run {
  golden: Golden;
  path: readonly string[];
  subject: Subject;
  parameters: Parameters;
  grads: Record<string, Tensor>;
  found: HostArrays;
}

/** The table of a model. `F`: the part of the fixture that its functions read; `C`: our config. */
export interface ModelTable<F, C> {
  form: z.ZodType<F>;
  /** Their config keys and ours, several with spaces between. A list becomes our text with commas. */
  settings: Readonly<Record<string, string>>;
  /** Config values that are no options of our model: a fixture that names others is refused. */
  fixed?: Readonly<Record<string, number | string | RegExp>>;
  /** Config values of ours that are computed. */
  computed?(fixture: F): object;
  schema: z.ZodType<C>;
  names: Names;
  /**
   * Blocks of the fixture with outputs, gradients and steps of their own, by field: the field of their parameters, and
   * what our config has there besides, and their own names if they have some. Default: the fixture itself, "".
   */
  cases?: Readonly<Record<string, { params?: string; options?: object; names?: Names }>>;
  /** Whether a fixture may leave out gradients. */
  partial?: boolean;
  subject(fixture: F, config: NoInfer<C>): Subject;
  /** Entries of a parameter that an optimiser step does not determine. */
  skip?(fixture: F, name: string, index: number): boolean;
  /** Compares what else the case "" holds. */
  more?(run: Run, fixture: F): void;
  /** Compares what the fixture holds besides runs of the model. */
  others?(golden: Golden, fixture: F): void;
}

/** The optimisers of a fixture's blocks. */
const OPTIMISERS = { adam: 'adam', adamw: 'adamw', sgd: 'sgd', rwsadagrad: 'rowwise-adagrad' } as const;

/** The check that a table describes. */
export function modelCheck<F, C>(table: ModelTable<F, C>): FixtureCheck {
  return async (golden) => {
    const fixture = golden.read(table.form);
    for (const field of Object.keys(table.cases ?? { '': {} })) {
      if (!golden.read(z.unknown(), ...pathOf(field))) continue;
      if (field === '' && !table.partial) golden.read(z.number(), 'outputs', 'loss');
      const run = await runCase(golden, table, field);
      compareOutputs(run);
      compareGradients(run, table.partial);
      for (const [block, optimiser] of Object.entries(OPTIMISERS)) {
        await compareSteps(run, block, optimiser, (...entry) => table.skip?.(fixture, ...entry));
      }
      if (field === '') table.more?.(run, fixture);
    }
    table.others?.(golden, fixture);
  };
}

function pathOf(field: string): string[] {
  return field === '' ? [] : [field];
}

/** Runs the model of a case once, forwards and backwards, on the CPU device with one thread. */
export async function runCase<F, C>(golden: Golden, table: ModelTable<F, C>, field: string): Promise<Run> {
  const fixture = golden.read(table.form);
  const { params = 'params', options, names = table.names } = table.cases?.[field] ?? {};
  const given = { dropout: 0, ...settingsOf(table, golden), ...table.computed?.(fixture), ...options };
  const path = pathOf(field);
  const subject = table.subject(fixture, table.schema.parse(given));
  const parameters = new Parameters(subject.model, names, golden.read(tensors, params));
  const grads = golden.read(table.partial ? tensors.default({}) : tensors, ...path, 'grads');
  const found = await onCpu((context) => forwardAndBackward(context, subject, parameters));
  return { golden, path, subject, parameters, grads, found };
}

/** The tensors as outputs of a run, named by their number in a block. */
export function numbered(block: string, values: readonly Tensors[string][]): Tensors {
  return Object.fromEntries(values.map((value, i) => [`${block}.${i}`, value]));
}

/** Our config of the fixture's. Throws UserError where a key is missing, or has a value that we do not have. */
function settingsOf(
  { settings, fixed = {} }: Pick<ModelTable<unknown, unknown>, 'settings' | 'fixed'>,
  golden: Golden,
): Record<string, unknown> {
  for (const [key, wanted] of Object.entries(fixed)) {
    const form = z
      .unknown()
      .refine((value) => value === undefined || fits(value, wanted), `must be ${wanted}`);
    golden.read(form, 'config', key);
  }
  return Object.fromEntries(
    Object.entries(settings).flatMap(([key, ours]) => {
      const value = golden.read(setting, 'config', key);
      return ours.split(' ').map((name) => [name, Array.isArray(value) ? value.join() : value]);
    }),
  );
}

const setting = z.union(
  [z.number(), z.string(), z.boolean(), z.array(z.number())],
  'must be a number, a text, true or false, or a list of numbers',
);

function fits(value: unknown, wanted: number | string | RegExp): boolean {
  return wanted instanceof RegExp ? wanted.test(String(value)) : value === wanted;
}

/** Works on the CPU device with one thread. */
export function onCpu<T>(work: (context: DeviceContext) => Promise<T>): Promise<T> {
  return onDevice('cpu', { threads: 1 }, work);
}

/** A runner of a subject's steps. */
export function runnerOf(
  context: DeviceContext,
  { model }: Subject,
  config: Partial<OptimiserConfig> = {},
): StepRunner {
  const usual = { beta1: 0.9, beta2: 0.999, epsilon: 1e-10, weightDecay: 0, clipNorm: 0 };
  const runner = new StepRunner(model, { optimiser: 'sgd', ...usual, ...config }, context, 0);
  // Fixtures give whole masks.
  runner.draws = { ...runner.draws, masks: 'drawn' };
  return runner;
}

function inputSpecs({ model, shape }: Subject): Specs {
  return { ...batchSpecs(model, shape), ...randomSpecs(model.randomInputs(shape), 'drawn') };
}

/** The inputs of a step; the random ones that are not given are zeros. */
function inputsOf({ model, shape, inputs }: Subject): HostArrays {
  const random = Object.entries(randomSpecs(model.randomInputs(shape), 'drawn'));
  return { ...Object.fromEntries(random.map(([name, spec]) => [name, hostArray(spec)])), ...inputs };
}

/** The micro-batch of a step, of nobody in particular: all its inputs are given. */
function batchOf(subject: Subject): StepBatch {
  const { shape, lookups } = subject;
  return { shape, lookups, inputs: inputsOf(subject), users: new Int32Array(shape.rows), tokens: 0 };
}

/** The outputs, "loss", and the gradient of every parameter as "gradient/…", in one run. */
async function forwardAndBackward(
  context: DeviceContext,
  subject: Subject,
  parameters: Parameters,
): Promise<HostArrays> {
  const { model, shape, lookups = [] } = subject;
  const runner = runnerOf(context, subject);
  await parameters.load(runner);
  const pooledInputs = pooledSpecs(model, shape);
  const executable = await context.compile({
    name: 'golden',
    state: stateOf(model),
    inputs: { ...inputSpecs(subject), ...pooledInputs },
    run: (state, given) => {
      const inputs = withConstants(model, state, given);
      const own = Object.fromEntries(Object.keys(model.parameters).map((name) => [name, state[name]]));
      const { loss, gradients, pooled } = gradientsOf(model, own, [{ inputs, shape }]);
      const named = Object.entries(gradients).map(([name, value]) => [gradient(name), value]);
      const outputs = { loss, ...subject.outputs(own, inputs), ...Object.fromEntries(named), ...pooled };
      return { state: {}, outputs };
    },
  });
  const { hostTables } = runner;
  const found = await executable.run({ ...inputsOf(subject), ...hostTables.pool(lookups, pooledInputs) });
  hostTables.accumulate(lookups, (input) => found[pooledGradient(input)] as Float32Array);
  return { ...found, ...tableGradients(runner) };
}

const gradient = (name: string) => `gradient/${name}`;

/** Gradients of whole host tables from those of the rows that the batch has. */
function tableGradients({ hostTables }: StepRunner): HostArrays {
  return Object.fromEntries(
    Object.entries(hostTables.tables).map(([name, { weights, pending }]) => {
      const { rows, dim } = weights;
      const dense = new Float32Array(rows * dim);
      pending.ids.forEach((id, slot) => {
        dense.set(pending.gradients.subarray(slot * dim, (slot + 1) * dim), id * dim);
      });
      return [gradient(name), dense];
    }),
  );
}

/** Compares what has a name in the block itself or in its `outputs`. */
function compareOutputs(run: Run): void {
  const { golden, path, subject, found } = run;
  const all = { ...found, ...subject.derived?.(run) };
  for (const block of path.length === 0 ? [['outputs']] : [path, [...path, 'outputs']]) {
    golden.compareBlock(block, all, {
      kindOf: (name) => (name.includes('loss') ? 'loss' : 'output'),
      shown: (values, reference) => unpadded(values, reference, subject),
    });
  }
}

/** The rows of real positions where the fixture has no others. */
function unpadded(
  values: ArrayLike<number>,
  reference: readonly number[],
  { present }: Subject,
): ArrayLike<number> {
  if (!present || values.length === reference.length) return values;
  const width = values.length / present.length;
  return Array.from(values).filter((_, i) => present[Math.floor(i / width)] !== 0);
}

/** Throws UserError where the fixture lacks a gradient and is to have all. */
function compareGradients({ golden, path, parameters, grads, found }: Run, partial = false): void {
  for (const { ours, theirs } of parameters.names) {
    const at = [...path, 'grads', theirs].join('.');
    if (!partial && !grads[theirs]) throw new UserError(`the fixture has no gradient "${theirs}"`);
    golden.compare('gradients', at, parameters.asTheirs(ours, found[gradient(ours)]), grads[theirs]);
  }
}

/**
 * Takes the steps of an optimiser on the same batch; compares parameters and row states after those that the fixture
 * names, and the loss before each. Entries whose gradient is under 1e-5 of the tensor's largest are left out after
 * the first: an optimiser that divides by the gradient's size takes the sign of rounding noise there.
 */
async function compareSteps(
  { golden, path, subject, parameters, grads }: Run,
  block: string,
  optimiser: OptimiserConfig['optimiser'],
  skip: (name: string, index: number) => boolean | undefined,
): Promise<void> {
  const given = golden.read(optimiserForm.optional(), ...path, block);
  if (!given) return;
  const isAdam = optimiser.startsWith('adam');
  const isNoise = (theirs: string, scale: number) => (i: number) => {
    const size = Math.abs(grads[theirs]?.data[i] ?? 0);
    return (size < 1e-5 * scale && (isAdam || size > 0)) || skip(theirs, i) === true;
  };
  const { lr, beta1, beta2, eps: epsilon, weight_decay: weightDecay, loss_trace: trace } = given;
  const after = Object.keys(given).flatMap((key) => {
    const [, what, step] = /^(params|row_state)_after_(\d+)$/.exec(key) ?? [];
    return what
      ? [{ key, what, step: Number(step), expected: golden.read(tensors, ...path, block, key) }]
      : [];
  });
  const last = Math.max(trace?.length ?? 1, ...after.map(({ step }) => step));
  await onCpu(async (context) => {
    const runner = runnerOf(context, subject, { optimiser, beta1, beta2, epsilon, weightDecay });
    await parameters.load(runner);
    const losses: number[] = [];
    for (let step = 1; step <= last; step++) {
      losses.push(await runner.step(step, lr, [batchOf(subject)]));
      for (const { key, what, expected } of after.filter((one) => one.step === step)) {
        const values = what === 'params' ? await valuesOf(runner) : statesOf(runner);
        for (const { ours, theirs } of parameters.names) {
          const at = [...path, block, key, theirs].join('.');
          const shown = what === 'params' ? parameters.asTheirs(ours, values[ours]) : (values[ours] ?? []);
          const scale = Math.max(0, ...(grads[theirs]?.data ?? []).map(Math.abs));
          const left = what === 'params' ? isNoise(theirs, scale) : undefined;
          golden.compare('step', at, shown, expected[theirs], left);
        }
      }
    }
    golden.compare('loss', [...path, block, 'loss_trace'].join('.'), losses.slice(0, trace?.length), trace);
  });
}

/** The parameters, those of host tables too. */
async function valuesOf(runner: StepRunner): Promise<HostArrays> {
  const tables = Object.entries(runner.hostTables.tables).map(([name, { weights }]) => [
    name,
    weights.toArray(),
  ]);
  const stored = Object.entries(await runner.tensors('parameters')).flatMap(([name, tensor]) =>
    'data' in tensor ? [[name, tensor.data]] : [],
  );
  return Object.fromEntries([...stored, ...tables]);
}

/** Adagrad's sums of host tables, one a row. */
function statesOf({ hostTables }: StepRunner): Record<string, Float32Array> {
  return Object.fromEntries(
    Object.entries(hostTables.tables).flatMap(([name, { slots }]) =>
      slots.v ? [[name, slots.v.toArray()]] : [],
    ),
  );
}

import * as tf from '@tensorflow/tfjs';
import { z } from 'zod';
import type { HostArrays, OptimiserConfig } from '../engine/index.ts';
import { UserError } from '../errors.ts';
import * as metrics from '../evaluation/classification.ts';
import type { ClickFeature, ClickSizes } from '../families/clicks/click-model.ts';
import { Dlrm, type DlrmConfig, dlrmFields } from '../families/clicks/dlrm.ts';
import { mixedDimensions } from '../families/clicks/embedding-bags.ts';
import { clickStep, encodeRows } from '../families/clicks/step.ts';
import { batchSpecs, gradientsOf, pooledSpecs } from '../training/programs.ts';
import { type StepBatch, StepRunner } from '../training/step-runner.ts';
import {
  asGradients,
  asTheirs,
  compareGradients,
  fixtureParameters,
  modelFixture,
  noiseOf,
  onCpu,
  type ParameterName,
} from './model-check.ts';
import {
  fixtureCheck,
  type GoldenCheck,
  type Tensor,
  tensorSchema,
  tensors,
  whole,
} from './tensor-compare.ts';

/** What a run gives; a block of a fixture has some of it. */
const outputsSchema = z.object({
  bottom: tensorSchema.optional(),
  bags: z.array(tensorSchema).optional(),
  interaction: tensorSchema.optional(),
  probabilities: tensorSchema.optional(),
  loss: z.number().optional(),
});

const optimiserSchema = z.object({
  lr: z.number(),
  eps: z.number().default(1e-10),
  params_after_1: tensors,
  params_after_3: tensors.optional(),
  row_state_after_3: tensors.optional(),
  loss_trace: z.array(z.number()).optional(),
});

const schema = z.object({
  ...modelFixture,
  config: z.object({
    m: whole,
    tables: z.array(whole),
    bottom: z.array(whole).min(2),
    top: z.array(whole).min(2),
    interaction: z.enum(['dot', 'cat']).default('dot'),
    interaction_itself: z.boolean().default(false),
  }),
  inputs: z.object({
    dense: tensorSchema,
    indices: z.array(tensorSchema),
    offsets: z.array(tensorSchema),
    labels: tensorSchema,
  }),
  outputs: outputsSchema,
  /** The same parameters and inputs with the vectors of quotient and remainder multiplied, or added. */
  qr_mult: outputsSchema.extend({ outputs: outputsSchema.optional(), grads: tensors.optional() }).optional(),
  qr_add: outputsSchema.extend({ outputs: outputsSchema.optional(), grads: tensors.optional() }).optional(),
  sgd: optimiserSchema.optional(),
  rwsadagrad: optimiserSchema.optional(),
  metrics: z
    .object({
      labels: tensorSchema,
      scores: tensorSchema,
      auc: z.number().optional(),
      logloss: z.number().optional(),
      normalised_entropy: z.number().optional(),
      'accuracy_at_0.5': z.number().optional(),
      brier: z.number().optional(),
    })
    .optional(),
  md_solver: z
    .object({
      n: z.array(whole),
      alpha: z.number(),
      d0: whole,
      dims_rounded_pow2: z.array(z.number()).optional(),
      dims_not_rounded: z.array(z.number()).optional(),
    })
    .optional(),
});

type Fixture = z.output<typeof schema>;
type Operation = DlrmConfig['qrOperation'];

/** Runs our DLRM, its optimisers, metrics and width rule on a fixture of the released code. */
export const checkDlrm = fixtureCheck('dlrm', schema, async (golden, fixture) => {
  const own = await results(fixture, 'mult');
  compareOutputs(golden, 'outputs', own, fixture.outputs);
  compareGradients(golden, parametersOf(fixture, fixture.grads), own);
  for (const operation of ['mult', 'add'] as const) {
    const name = `qr_${operation}` as const;
    const block = fixture[name];
    if (!block) continue;
    const variant = operation === 'mult' ? own : await results(fixture, operation);
    compareOutputs(golden, name, variant, block);
    if (block.outputs) compareOutputs(golden, `${name}.outputs`, variant, block.outputs);
    if (block.grads) compareGradients(golden, parametersOf(fixture, block.grads), variant, `${name}.grads`);
  }
  for (const [block, optimiser] of [
    ['sgd', 'sgd'],
    ['rwsadagrad', 'rowwise-adagrad'],
  ] as const) {
    const expected = fixture[block];
    if (expected) await compareSteps(golden, block, fixture, expected, optimiser);
  }
  compareMetrics(golden, fixture);
  compareWidths(golden, fixture);
});

/** Whether a table is stored as quotients and remainders. */
function compressed({ params }: Pick<Fixture, 'params'>, table: number): boolean {
  return `emb_l.${table}.weight_q` in params;
}

function build(fixture: Fixture, operation: Operation) {
  const { config, inputs, params } = fixture;
  const rows = inputs.labels.data.length;
  const plain = config.tables.filter((_, table) => !compressed(fixture, table));
  const split = config.tables.findIndex((_, table) => compressed(fixture, table));
  const settings = z.object(dlrmFields).parse({
    dim: config.m,
    bottom: config.bottom.slice(1, -1).join('-'),
    top: config.top.slice(1, -1).join('-'),
    interaction: config.interaction,
    selfInteraction: config.interaction_itself,
    compression: split < 0 ? 'none' : 'quotient-remainder',
    qrThreshold: Math.max(0, ...plain),
    qrCollisions: split < 0 ? 1 : (params[`emb_l.${split}.weight_r`]?.shape[0] ?? 1),
    qrOperation: operation,
  });
  const features = config.tables.map((vocabulary, table): ClickFeature => {
    const [name, counts] = [String(table), new Int32Array(vocabulary)];
    return { name, of: 'other', vocabulary, width: inputs.indices[table].data.length, counts };
  });
  const dense = Array.from({ length: config.bottom[0] }, (_, k) => String(k));
  const sizes: ClickSizes = { dense, features, tasks: ['click'] };
  const model = new Dlrm(settings, sizes);
  const batch = encodeRows(
    model,
    sizes,
    {
      count: rows,
      dense: Float32Array.from(inputs.dense.data),
      features: inputs.indices.map(({ data }, table) => ({
        ids: Int32Array.from(data),
        offsets: Int32Array.from([...inputs.offsets[table].data, data.length]),
      })),
      labels: Float32Array.from(inputs.labels.data),
      weights: new Float32Array(rows).fill(1 / rows),
      users: new Int32Array(rows).fill(-1),
    },
    rows,
  );
  return { model, sizes, batch, settings };
}

/** Our name of a fixture's parameter, and whether it is stored transposed. */
function named(theirs: string): ParameterName {
  const [, kind, index, part] = /^(emb|bot|top)_l\.(\d+)\.(\w+)$/.exec(theirs) ?? [];
  if (kind === 'emb') {
    const suffix = { weight: '', weight_q: '/quotient', weight_r: '/remainder' }[part];
    if (suffix !== undefined) return { ours: `tables/${index}${suffix}`, theirs };
  } else if (kind) {
    // Linear layers and activations take turns.
    const ours = `${kind === 'bot' ? 'bottom' : 'top'}/${Number(index) / 2}/${part}`;
    return { ours, theirs, transposed: part === 'weight' };
  }
  throw new UserError(`the fixture's parameter "${theirs}" is none of DLRM`);
}

/** The parameters of which a block of the fixture has gradients or values. */
function parametersOf({ params }: Fixture, grads: Record<string, Tensor>) {
  return { names: Object.keys(grads).map(named), fixture: { params, grads } };
}

/** Puts the fixture's parameters on the device and into the host tables. */
async function load(runner: StepRunner, fixture: Fixture): Promise<void> {
  const values = fixtureParameters(parametersOf(fixture, fixture.params));
  for (const [name, { weights }] of Object.entries(runner.hostTables.tables)) {
    if (values[name]) weights.fill(values[name] as Float32Array);
    delete values[name];
  }
  await runner.load(values);
}

/** What the device and the host tables hold now. */
async function valuesOf(runner: StepRunner): Promise<HostArrays> {
  const stored = await runner.tensors('parameters');
  return Object.fromEntries(
    Object.entries(stored).map(([name, tensor]) => [
      name,
      'chunks' in tensor ? runner.hostTables.tables[name].weights.toArray() : tensor.data,
    ]),
  );
}

function optimiserOf(optimiser: OptimiserConfig['optimiser'], epsilon = 1e-10): OptimiserConfig {
  return { optimiser, beta1: 0.9, beta2: 0.999, epsilon, weightDecay: 0, clipNorm: 0 };
}

/** Outputs, loss, and the gradient of every parameter, named "gradient/…" by our names. */
function results(fixture: Fixture, operation: Operation): Promise<HostArrays> {
  const { model, sizes, batch } = build(fixture, operation);
  const step = clickStep(model, sizes);
  return onCpu(async (context) => {
    const runner = new StepRunner(step, optimiserOf('sgd'), context, 0);
    await load(runner, fixture);
    const { shape, lookups = [] } = batch;
    const pooledInputs = pooledSpecs(step, shape);
    const executable = await context.compile({
      name: 'golden',
      state: model.parameters,
      inputs: { ...batchSpecs(step, shape), ...pooledInputs },
      run: (state, fed) => {
        const { loss, gradients, pooled } = gradientsOf(step, state, fed, shape);
        const outputs = {
          bottom: model.bottom(state, fed) ?? tf.zeros([1]),
          bags: model.embeddings(state, fed),
          interaction: model.interact(state, fed, shape),
          probabilities: tf.sigmoid(model.logits(state, fed, shape)),
        };
        return { state: {}, outputs: { ...outputs, loss, ...asGradients(gradients), ...pooled } };
      },
    });
    const found = await executable.run({ ...batch.inputs, ...runner.hostTables.pool(lookups, pooledInputs) });
    runner.hostTables.accumulate(lookups, (input) => found[`gradient/${input}`] as Float32Array);
    return { ...found, ...tableGradients(runner) };
  });
}

/** Gradients of whole tables from those of the rows that the batch has. */
function tableGradients({ hostTables }: StepRunner): HostArrays {
  return Object.fromEntries(
    Object.entries(hostTables.tables).map(([name, table]) => {
      const { rows, dim } = table.weights;
      const dense = new Float32Array(rows * dim);
      const { ids, gradients } = table.pending;
      ids.forEach((id, slot) => {
        dense.set(gradients.subarray(slot * dim, (slot + 1) * dim), id * dim);
      });
      return [`gradient/${name}`, dense];
    }),
  );
}

function compareOutputs(
  golden: GoldenCheck,
  block: string,
  found: HostArrays,
  expected: z.output<typeof outputsSchema>,
): void {
  golden.compare('output', `${block}.bottom`, found.bottom, expected.bottom);
  for (const [table, { shape, data }] of (expected.bags ?? []).entries()) {
    const [rows, dim] = shape;
    const features = found.bags.length / (rows * dim);
    const bag = Float32Array.from({ length: rows * dim }, (_, cell) => {
      return found.bags[(Math.floor(cell / dim) * features + table) * dim + (cell % dim)];
    });
    golden.compare('output', `${block}.bags.${table}`, bag, data);
  }
  const { interaction, probabilities } = found;
  golden.compareNamed('output', block, expected, { interaction, probabilities });
  golden.compare('loss', `${block}.loss`, found.loss[0], expected.loss);
}

const STEPS = 3;

/** Entries whose gradient is under 1e-5 of the largest are left out: Adagrad's first step there is the sign of noise. */
async function compareSteps(
  golden: GoldenCheck,
  block: string,
  fixture: Fixture,
  expected: z.output<typeof optimiserSchema>,
  optimiser: 'sgd' | 'rowwise-adagrad',
): Promise<void> {
  const { model, sizes, batch } = build(fixture, 'mult');
  await onCpu(async (context) => {
    const runner = new StepRunner(clickStep(model, sizes), optimiserOf(optimiser, expected.eps), context, 0);
    const compare = async (path: string, reference: Record<string, Tensor> = {}) => {
      const values = await valuesOf(runner);
      for (const name of Object.keys(reference).map(named)) {
        const { theirs } = name;
        const gradient = fixture.grads[theirs]?.data ?? [];
        const isNoise = noiseOf(gradient);
        const found = asTheirs(values[name.ours], fixture.params, name);
        const skip = (i: number) => gradient[i] !== 0 && isNoise(i);
        golden.compare('step', `${path}.${theirs}`, found, reference[theirs], skip);
      }
    };
    await load(runner, fixture);
    const losses: number[] = [];
    for (let step = 1; step <= Math.max(STEPS, expected.loss_trace?.length ?? 0); step++) {
      losses.push(await runner.step(step, expected.lr, [batch as StepBatch]));
      if (step === 1) await compare(`${block}.params_after_1`, expected.params_after_1);
      if (step !== STEPS) continue;
      await compare(`${block}.params_after_3`, expected.params_after_3);
      for (const [theirs, state] of Object.entries(expected.row_state_after_3 ?? {})) {
        const found = runner.hostTables.tables[named(theirs).ours]?.slots.v?.toArray();
        golden.compare('step', `${block}.row_state_after_3.${theirs}`, found ?? [], state);
      }
    }
    const { loss_trace } = expected;
    golden.compare('loss', `${block}.loss_trace`, losses.slice(0, loss_trace?.length), loss_trace);
  });
}

function compareMetrics(golden: GoldenCheck, { metrics: expected }: Fixture): void {
  if (!expected) return;
  const [labels, scores] = [expected.labels.data, expected.scores.data];
  const logits = scores.map(metrics.logit);
  golden.compareNamed('output', 'metrics', expected, {
    auc: metrics.auc(labels, scores),
    logloss: metrics.logLoss(labels, logits),
    normalised_entropy: metrics.normalisedEntropy(labels, logits),
    'accuracy_at_0.5': metrics.accuracy(labels, scores),
    brier: metrics.brier(labels, scores),
  });
}

function compareWidths(golden: GoldenCheck, { md_solver: expected }: Fixture): void {
  if (!expected) return;
  const { n, alpha, d0: base } = expected;
  const widths = (powerOfTwo: boolean) => mixedDimensions(n, { alpha, base, powerOfTwo });
  golden.compareNamed('output', 'md_solver', expected, {
    dims_rounded_pow2: widths(true),
    dims_not_rounded: widths(false),
  });
}

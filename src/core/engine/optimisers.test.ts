import { describe, expect, it } from 'vitest';
import { Random } from '../math/random.ts';
import { OnnxDeviceContext } from './devices/onnx-session.ts';
import type { OptimiserConfig, UpdateScalars } from './optimisers.ts';
import { applyUpdate, slotSpecs, updateScalars } from './optimisers.ts';
import type { HostArrays, Program, Specs, Tensors } from './types.ts';
import { float32, hostArray, sizeOf } from './types.ts';

const DIM = 4;
const parameters: Specs = {
  'mlp/w': float32(3, DIM),
  b: float32(DIM),
  scale: float32(),
  rows: { ...float32(5, DIM), table: true },
};
const scalarSpecs: Specs = { stepSize: float32(), epsilon: float32(), decay: float32() };
const STEPS = 6;
const LEARNING_RATE = 0.03;

const base: OptimiserConfig = {
  optimiser: 'adam',
  beta1: 0.9,
  beta2: 0.98,
  epsilon: 1e-3,
  weightDecay: 0,
  clipNorm: 0,
};

const pick = (tensors: Tensors, specs: Specs): Tensors =>
  Object.fromEntries(Object.keys(specs).map((name) => [name, tensors[name]]));

function updateProgram(config: OptimiserConfig): Program {
  const slots = slotSpecs(config, parameters);
  const gradients = Object.fromEntries(Object.entries(parameters).map(([name, spec]) => [`g/${name}`, spec]));
  return {
    name: `update by ${config.optimiser}`,
    state: { ...parameters, ...slots },
    inputs: { ...gradients, ...scalarSpecs },
    run: (state, inputs) => {
      const given = Object.fromEntries(Object.keys(parameters).map((name) => [name, inputs[`g/${name}`]]));
      const scalars = pick(inputs, scalarSpecs) as Record<keyof UpdateScalars, Tensors[string]>;
      const next = applyUpdate(
        config,
        pick(state, parameters),
        given,
        pick(state, slots),
        scalars,
        parameters,
      );
      return { state: { ...next.parameters, ...next.slots }, outputs: {} };
    },
  };
}

function draw(specs: Specs, random: Random, size: number): HostArrays {
  return Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => [
      name,
      Float32Array.from({ length: sizeOf(spec.shape) }, () => size * random.normal()),
    ]),
  );
}

async function compiled(
  config: OptimiserConfig,
  start: HostArrays,
  gradients: HostArrays[],
): Promise<HostArrays> {
  const context = new OnnxDeviceContext({ id: 'cpu', provider: 'cpu', threads: 1, stateOnDevice: false });
  const specs = { ...parameters, ...slotSpecs(config, parameters) };
  await context.load(
    Object.fromEntries(
      Object.entries(specs).map(([name, spec]) => [name, { spec, data: start[name] ?? hostArray(spec) }]),
    ),
  );
  const executable = await context.compile(updateProgram(config));
  for (const [k, gradient] of gradients.entries()) {
    const scalars = Object.entries(updateScalars(config, LEARNING_RATE, k + 1));
    await executable.run({
      ...Object.fromEntries(Object.entries(gradient).map(([name, values]) => [`g/${name}`, values])),
      ...Object.fromEntries(scalars.map(([name, value]) => [name, Float32Array.of(value)])),
    });
  }
  const result = await context.read(Object.keys(parameters));
  await context.dispose();
  return result;
}

/** The papers' updates, one number at a time in double precision. */
function byHand(
  config: OptimiserConfig,
  start: HostArrays,
  gradients: HostArrays[],
): Record<string, number[]> {
  const names = Object.keys(parameters);
  const w = Object.fromEntries(names.map((name) => [name, [...start[name]]]));
  const m = Object.fromEntries(names.map((name) => [name, w[name].map(() => 0)]));
  const v = Object.fromEntries(names.map((name) => [name, w[name].map(() => 0)]));
  const { beta1, beta2, epsilon, decayed = 'all' } = config;
  const shrunk = { all: names, 'tables-and-matrices': ['mlp/w', 'rows'], matrices: ['mlp/w'] }[decayed];
  for (const [k, gradient] of gradients.entries()) {
    const t = k + 1;
    const norm = Math.hypot(...names.flatMap((name) => [...gradient[name]]));
    const scale = config.clipNorm > 0 && norm > config.clipNorm ? config.clipNorm / norm : 1;
    for (const name of names) {
      const weightDecay = shrunk.includes(name) ? config.weightDecay : 0;
      const before = [...w[name]];
      const decayed = [...gradient[name]].map(
        (raw, j) => raw * scale + (config.optimiser === 'adamw' ? 0 : weightDecay * before[j]),
      );
      const rowMean = (j: number) => {
        const row = decayed.slice(j - (j % DIM), j - (j % DIM) + DIM);
        return row.reduce((sum, g) => sum + g * g, 0) / DIM;
      };
      for (const [j, g] of decayed.entries()) {
        const old = before[j];
        if (config.optimiser === 'sgd' || config.optimiser.endsWith('adagrad')) {
          v[name][j] += config.optimiser === 'rowwise-adagrad' && name === 'rows' ? rowMean(j) : g * g;
          const own = config.optimiser === 'sgd' ? g : g / (Math.sqrt(v[name][j]) + epsilon);
          m[name][j] = (config.momentum ?? 0) * m[name][j] + own;
          w[name][j] = old - LEARNING_RATE * m[name][j];
        } else {
          m[name][j] = beta1 * m[name][j] + (1 - beta1) * g;
          v[name][j] = beta2 * v[name][j] + (1 - beta2) * g * g;
          const step = m[name][j] / (1 - beta1 ** t) / (Math.sqrt(v[name][j] / (1 - beta2 ** t)) + epsilon);
          const decay = config.optimiser === 'adamw' ? weightDecay * old : 0;
          w[name][j] = old - LEARNING_RATE * (step + decay);
        }
      }
    }
  }
  return w;
}

describe.each(['sgd', 'adagrad', 'rowwise-adagrad', 'adam', 'adamw'] as const)('%s', (optimiser) => {
  it.each([
    ['plain', {}],
    ['with weight decay', { weightDecay: 0.1 }],
    ['with decay of tables and matrices', { weightDecay: 0.1, decayed: 'tables-and-matrices' }],
    ['with decay of matrices', { weightDecay: 0.1, decayed: 'matrices' }],
    ['with clipping that bites', { clipNorm: 0.5 }],
    ['with clipping that does not', { clipNorm: 1e6 }],
    ['with momentum, where it has one,', { momentum: 0.6 }],
    ['with weight decay and clipping', { weightDecay: 0.1, clipNorm: 0.5 }],
  ] as [string, Partial<OptimiserConfig>][])('%s follows the published update', async (_, changes) => {
    const config: OptimiserConfig = { ...base, optimiser, ...changes };
    const random = new Random(11);
    const start = draw(parameters, random, 1);
    // The size changes from step to step, so that a wrong moving average or correction shows.
    const gradients = Array.from({ length: STEPS }, (__, k) => draw(parameters, random, 3 / (k + 1)));
    const actual = await compiled(config, start, gradients);
    for (const [name, values] of Object.entries(byHand(config, start, gradients))) {
      for (const [j, value] of values.entries()) {
        expect(Math.abs(actual[name][j] - value), `${name}[${j}]`).toBeLessThan(2e-6);
      }
    }
  });
});

describe('bias correction', () => {
  it.each(['adam', 'adamw'] as const)('makes the first %s step one learning rate long', async (optimiser) => {
    const config = { ...base, optimiser, epsilon: 1e-12 };
    const start = Object.fromEntries(
      Object.entries(parameters).map(([name, spec]) => [name, hostArray(spec)]),
    );
    const gradient = draw(parameters, new Random(2), 1e-3);
    const moved = await compiled(config, start, [gradient]);
    for (const [name, values] of Object.entries(moved)) {
      for (const [j, value] of values.entries()) {
        expect(value).toBeCloseTo(-LEARNING_RATE * Math.sign(gradient[name][j]), 6);
      }
    }
  });
});

describe('gradients of zero', () => {
  it.each(['sgd', 'adagrad', 'rowwise-adagrad', 'adam', 'adamw'] as const)(
    'leave the parameters of %s alone',
    async (optimiser) => {
      const start = draw(parameters, new Random(4), 1);
      const zero = Object.fromEntries(
        Object.entries(parameters).map(([name, spec]) => [name, hostArray(spec)]),
      );
      expect(await compiled({ ...base, optimiser, clipNorm: 1 }, start, [zero, zero])).toEqual(start);
    },
  );
});

import { expect, test } from 'vitest';
import { lossAndGradients } from '../../../test/language/loss-and-gradients.ts';
import type { HostArrays } from '../engine/index.ts';
import { DECODER_MATRICES, initialise } from '../layers/index.ts';
import { Random } from '../math/random.ts';
import { Decoder, type DecoderConfig } from './decoder.ts';
import { mergeAdapters } from './merge-adapters.ts';

const config: DecoderConfig = {
  vocabulary: 17,
  dim: 12,
  blocks: 2,
  heads: 4,
  kvHeads: 2,
  headDim: 4,
  ffnDim: 20,
  context: 16,
  tiedHead: false,
  ropeTheta: 10000,
  normEpsilon: 1e-6,
};

function expectEqual(actual: HostArrays, expected: HostArrays): void {
  for (const [name, values] of Object.entries(expected)) {
    const scale = Math.max(...values.map(Math.abs), 1e-3);
    const worst = Math.max(...values.map((value, i) => Math.abs(value - actual[name][i])));
    expect(worst / scale, name).toBeLessThan(2e-5);
  }
}

/** Rows of [segment, length] parts; every token but a part's last predicts the next one. */
function batch(rows: [number, number][][], tokens: Record<number, number[]>): HostArrays {
  const size = rows.length * config.context;
  const [ids, segments, positions, targets] = Array.from({ length: 4 }, () => new Int32Array(size));
  const weights = new Float32Array(size);
  rows.forEach((parts, row) => {
    let at = row * config.context;
    for (const [segment, length] of parts) {
      for (let i = 0; i < length; i++, at++) {
        ids[at] = tokens[segment][i];
        segments[at] = segment;
        positions[at] = i;
        if (i + 1 < length) [targets[at], weights[at]] = [tokens[segment][i + 1], 0.1 * segment];
      }
    }
  });
  const places = Int32Array.from({ length: size }, (_, cell) => cell);
  return { ids, segments, positions, places, targets, weights };
}

const random = new Random(3);
const tokens = Object.fromEntries(
  [1, 2, 3].map((segment) => [segment, Array.from({ length: 16 }, () => random.below(17))]),
);
/** Larger than training begins with, so that attention tells positions and heads apart. */
function strong(specs: Parameters<typeof initialise>[0]): Record<string, Float32Array> {
  const drawn = initialise(specs, 5);
  for (const [name, data] of Object.entries(drawn)) {
    if (!name.endsWith('scale'))
      data.forEach((x, i) => {
        data[i] = 12 * x;
      });
  }
  return drawn;
}

test('sequences packed into one row give the loss and the gradients of sequences apart', async () => {
  const decoder = new Decoder(config);
  const values = strong(decoder.parameters);
  const packed = batch(
    [
      [
        [1, 5],
        [2, 7],
        [3, 4],
      ],
    ],
    tokens,
  );
  const apart = batch([[[1, 5]], [[2, 7]], [[3, 4]]], tokens);
  expectEqual(
    await lossAndGradients(decoder, packed, values),
    await lossAndGradients(decoder, apart, values),
  );
});

test('places of a few learnt tokens give the loss and the gradients of all places with weights', async () => {
  const [all, few] = [new Decoder(config), new Decoder(config, { supervised: 6 })];
  const values = strong(all.parameters);
  const inputs = batch([[[1, 5]], [[2, 7]]], tokens);
  const cells = [...inputs.weights.keys()].filter((cell) => inputs.weights[cell] > 0);
  const picked = (array: ArrayLike<number>) =>
    [0, 1].flatMap((row) => {
      const own = cells.filter((cell) => Math.floor(cell / config.context) === row);
      return Array.from({ length: 6 }, (_, at) => (at < own.length ? array[own[at]] : 0));
    });
  const places = Int32Array.from(picked(inputs.places));
  const targets = Int32Array.from(picked(inputs.targets));
  const weights = Float32Array.from(picked(inputs.weights));
  expect(weights.filter((weight) => weight > 0)).toHaveLength(10);
  expectEqual(
    await lossAndGradients(few, { ...inputs, places, targets, weights }, values),
    await lossAndGradients(all, inputs, values),
  );
});

test('a group of query heads shares one head of keys and values as if it were written several times', async () => {
  const grouped = new Decoder(config);
  const full = new Decoder({ ...config, kvHeads: 4 });
  const values = strong(grouped.parameters);
  const repeated = { ...values };
  for (const [name, spec] of Object.entries(full.parameters)) {
    if (!/(key|value)\/weight$/.test(name)) continue;
    const columns = spec.shape[1];
    repeated[name] = Float32Array.from({ length: values[name].length * 2 }, (_, i) => {
      const [row, column] = [Math.floor(i / columns), i % columns];
      return values[name][row * 8 + Math.floor(column / 8) * 4 + (column % 4)];
    });
  }
  const inputs = batch([[[1, 16]], [[2, 9]]], tokens);
  const [ours, theirs] = [
    await lossAndGradients(grouped, inputs, values),
    await lossAndGradients(full, inputs, repeated),
  ];
  const shared = Object.keys(ours).filter((name) => !/(key|value)\/weight$/.test(name));
  expectEqual(ours, Object.fromEntries(shared.map((name) => [name, theirs[name]])));
});

test('adapters begin without effect, and merged into the matrices give what they gave beside them', async () => {
  const adapters = { rank: 3, alpha: 6, targets: DECODER_MATRICES };
  const adapted = new Decoder(config, { adapters });
  const plain = new Decoder(config);
  const base = strong(plain.parameters);
  const fresh = initialise(adapted.parameters, 1);
  const inputs = batch([[[1, 16]], [[2, 9]]], tokens);
  const expected = await lossAndGradients(plain, inputs, base);
  const started = await lossAndGradients(adapted, inputs, { ...base, ...fresh });
  expect(started.loss[0]).toBeCloseTo(expected.loss[0], 5);
  const trained = { ...base, ...strong(adapted.parameters) };
  for (const [name, data] of Object.entries(trained)) {
    if (name.endsWith('/b'))
      data.forEach((_, i) => {
        data[i] = Math.sin(i) / 20;
      });
  }
  const beside = await lossAndGradients(adapted, inputs, trained);
  const merged = await lossAndGradients(plain, inputs, mergeAdapters(config, adapters, trained));
  expect(Math.abs(beside.loss[0] - started.loss[0])).toBeGreaterThan(0.01);
  expect(merged.loss[0]).toBeCloseTo(beside.loss[0], 4);
});

test.each([
  ['all parameters', null],
  ['adapters of some matrices', { rank: 3, alpha: 6, targets: ['query', 'value', 'down'] as const }],
])('blocks that are made again give the same loss and gradients of %s', async (_, adapters) => {
  const [kept, again] = [false, true].map((recompute) => new Decoder(config, { adapters, recompute }));
  const values = { ...strong(new Decoder(config).parameters), ...strong(kept.parameters) };
  const inputs = batch([[[1, 16]], [[2, 9]]], tokens);
  expect(Object.keys(kept.parameters).filter((name) => name.includes('adapter'))).toHaveLength(
    adapters ? 12 : 0,
  );
  expectEqual(await lossAndGradients(again, inputs, values), await lossAndGradients(kept, inputs, values));
});

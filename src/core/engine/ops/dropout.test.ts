import { expect, test } from 'vitest';
import { Random } from '../../math/random.ts';
import { EagerDeviceContext } from '../devices/eager.ts';
import { OnnxDeviceContext } from '../devices/onnx-session.ts';
import * as tf from '../tf.ts';
import type { Program } from '../types.ts';
import { maskOf, maskWords } from './dropout.ts';

const [ROWS, COLUMNS] = [2048, 256];

async function masksOf(rate: number, seed: number) {
  const spec = maskWords([ROWS, COLUMNS]);
  const words = new Int32Array(ROWS + COLUMNS);
  new Random(seed).fillWords(words);
  const program: Program = {
    name: 'mask',
    state: {},
    inputs: { words: spec },
    run: (_, inputs) => ({
      outputs: { kept: tf.cast(maskOf(inputs.words, [ROWS, COLUMNS], rate), 'float32') },
    }),
  };
  const devices = [
    new EagerDeviceContext('tfjs-gpu', 'cpu'),
    new OnnxDeviceContext({ id: 'cpu', provider: 'cpu', threads: 1, stateOnDevice: false }),
  ];
  const [eager, traced] = await Promise.all(
    devices.map(
      async (device) => (await (await device.compile(program)).run({ words })).kept as Float32Array,
    ),
  );
  expect(Array.from(traced)).toEqual(Array.from(eager));
  return traced;
}

test.each([0.1, 0.2, 0.5])(
  'masks that words make drop a share of %f, in no row, column, pair or rectangle more often',
  async (rate) => {
    const kept = await masksOf(rate, 7);
    const variance = rate * (1 - rate);
    const dropped = Float64Array.from(kept, (one) => 1 - one - rate);
    const at = (row: number, column: number) => dropped[row * COLUMNS + column];
    /** In standard deviations of what independent numbers would give. */
    const far = (sum: number, count: number, power: number) =>
      Math.abs(sum) / Math.sqrt(count * variance ** power);
    expect(
      far(
        dropped.reduce((sum, x) => sum + x),
        dropped.length,
        1,
      ),
    ).toBeLessThan(4);
    const lines = (count: number, size: number, one: (line: number, place: number) => number) => {
      const squares = Array.from({ length: count }, (_, line) => {
        let sum = 0;
        for (let place = 0; place < size; place++) sum += one(line, place);
        return sum ** 2 / (size * variance);
      });
      const mean = squares.reduce((sum, x) => sum + x) / count;
      expect(Math.abs(mean - 1)).toBeLessThan(5 * Math.sqrt(2 / count));
    };
    lines(ROWS, COLUMNS, at);
    lines(COLUMNS, ROWS, (column, row) => at(row, column));
    const random = new Random(3);
    const sums = { row: 0, column: 0, rectangle: 0 };
    const count = 300_000;
    for (let k = 0; k < count; k++) {
      const row = random.below(ROWS);
      const other = (row + 1 + random.below(ROWS - 1)) % ROWS;
      const column = random.below(COLUMNS);
      const next = (column + 1 + random.below(COLUMNS - 1)) % COLUMNS;
      sums.row += at(row, column) * at(other, column);
      sums.column += at(row, column) * at(row, next);
      sums.rectangle += at(row, column) * at(row, next) * at(other, column) * at(other, next);
    }
    expect(far(sums.row, count, 2)).toBeLessThan(4);
    expect(far(sums.column, count, 2)).toBeLessThan(4);
    expect(far(sums.rectangle, count, 4)).toBeLessThan(4);
  },
);

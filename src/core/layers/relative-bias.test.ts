import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { OnnxDeviceContext } from '../engine/devices/onnx-session.ts';
import { int32 } from '../engine/index.ts';
import { timeBucket, timeBuckets } from './relative-bias.ts';

const LENGTH = 1000;
const MOST = 2 ** 31 - 1;
const device = new OnnxDeviceContext({ id: 'cpu', provider: 'cpu', threads: 1, stateOnDevice: false });
afterAll(() => device.dispose());

/** The last query's buckets, at time 0, against keys at the given times. */
const lastQuery = device.compile({
  name: 'time buckets',
  state: {},
  inputs: { query: int32(1, LENGTH), times: int32(1, LENGTH) },
  run: (_, { query, times }) => ({
    state: {},
    outputs: { buckets: timeBuckets(query, times, LENGTH - 1, LENGTH) },
  }),
});

async function bucketsOf(differences: number[]): Promise<number[]> {
  const times = new Int32Array(LENGTH);
  times.set(differences);
  const { buckets } = await (await lastQuery).run({ query: new Int32Array(LENGTH), times });
  return Array.from(buckets.subarray(0, differences.length));
}

test('buckets on the device are those of float32 arithmetic, at every border', async () => {
  const differences = [0, 1, -1, MOST, -MOST];
  for (let bucket = 2; bucket <= timeBucket(MOST); bucket++) {
    // Near e^(0.301 bucket); float32 rounding moves the border by up to a few millionths.
    const near = Math.round(Math.exp(0.301 * bucket));
    const width = Math.ceil(near * 4e-6) + 1;
    const before = (d: number) => timeBucket(d) < bucket;
    let border = near - width;
    while (before(border)) border++;
    expect(border).toBeGreaterThan(near - width);
    differences.push(border - 1, border, border + 1, -border, 1 - border);
  }
  expect(await bucketsOf(differences)).toEqual(differences.map(timeBucket));
});

test('buckets on the device are those of float32 arithmetic, anywhere', async () => {
  const anywhere = fc.array(fc.integer({ min: -MOST, max: MOST }), { minLength: LENGTH, maxLength: LENGTH });
  await fc.assert(
    fc.asyncProperty(anywhere, fc.integer({ min: 0, max: 30 }), async (values, shift) => {
      const differences = values.map((value) => Math.trunc(value / 2 ** shift));
      expect(await bucketsOf(differences)).toEqual(differences.map(timeBucket));
    }),
    { numRuns: 30 },
  );
});

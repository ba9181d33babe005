import * as tf from '../tf.ts';
import type { DeviceContext, Program } from '../types.ts';
import { float32 } from '../types.ts';

const WARM_UP_RUNS = 2;
const TIMED_RUNS = 5;
const BUDGET_MS = 400;

function productProgram(size: number): Program {
  return {
    name: `product of ${size}`,
    state: { w: float32(size, size) },
    inputs: {},
    // Only one number comes back, so that the device's arithmetic is timed and not the transfer.
    run: ({ w }) => ({ outputs: { total: tf.sum(tf.matMul(w, w)) } }),
  };
}

/** Speed of a square matrix product in GFLOP/s: the best of a few runs after a warm-up. */
export async function productSpeed(context: DeviceContext, size: number): Promise<number> {
  const data = new Float32Array(size * size).fill(1 / size);
  await context.load({ w: { spec: float32(size, size), data } });
  const executable = await context.compile(productProgram(size));
  let best = Number.POSITIVE_INFINITY;
  const deadline = performance.now() + BUDGET_MS;
  for (let run = -WARM_UP_RUNS; run < TIMED_RUNS; run++) {
    // A slow device is timed by the warm-up's last run.
    if (best < Number.POSITIVE_INFINITY && performance.now() > deadline) break;
    const start = performance.now();
    await executable.run({});
    if (run >= -1) best = Math.min(best, performance.now() - start);
  }
  await executable.release();
  return (2 * size ** 3) / best / 1e6;
}

/** Side of a matrix of 64 MiB. */
const COPIED_SIDE = 4096;

/** How fast what is trained goes to a device and comes back, in GB/s of both ways together: the best of a few steps. */
export async function copySpeed(context: DeviceContext): Promise<number> {
  const spec = float32(COPIED_SIDE, COPIED_SIDE);
  await context.load({ w: { spec, data: new Float32Array(COPIED_SIDE ** 2) } });
  const executable = await context.compile({
    name: 'copies',
    state: { w: spec },
    inputs: {},
    run: ({ w }) => ({ state: { w: tf.add(w, 1) }, outputs: {} }),
  });
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < TIMED_RUNS; run++) {
    const start = performance.now();
    await executable.run({});
    if (run > 0) best = Math.min(best, performance.now() - start);
  }
  await executable.release();
  return (2 * 4 * COPIED_SIDE ** 2) / best / 1e6;
}

/**
 * Whether a device multiplies matrices faster than this machine's CPU. A software adapter (Mesa's
 * lavapipe, SwiftShader) looks like any other to ONNX Runtime, and so does TensorFlow's GPU library
 * when it found no GPU; speed tells them apart.
 */
export async function compareWithCpu(
  context: DeviceContext,
  cpu: DeviceContext,
): Promise<{ preferred: boolean; detail: string }> {
  let [deviceSpeed, cpuSpeed] = [await productSpeed(context, 256), await productSpeed(cpu, 256)];
  // A GPU spends a small product's time on starting it: only a large one is fair.
  if (deviceSpeed > cpuSpeed / 16)
    [deviceSpeed, cpuSpeed] = [await productSpeed(context, 1024), await productSpeed(cpu, 1024)];
  const speeds = `${rounded(deviceSpeed)} against ${rounded(cpuSpeed)} GFLOP/s`;
  return deviceSpeed > cpuSpeed
    ? { preferred: true, detail: `ready, faster than the CPU here (${speeds})` }
    : { preferred: false, detail: `slower than the CPU here (${speeds}): likely no real GPU` };
}

export const rounded = (speed: number): string => (speed < 10 ? speed.toFixed(1) : speed.toFixed(0));

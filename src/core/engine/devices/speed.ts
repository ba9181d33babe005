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

const rounded = (speed: number): string => (speed < 10 ? speed.toFixed(1) : speed.toFixed(0));

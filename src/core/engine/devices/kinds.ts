import { createRequire } from 'node:module';
import * as tf from '../tf.ts';
import type { DeviceContext, DeviceId, DeviceOptions, Program } from '../types.ts';
import { float32 } from '../types.ts';
import { type DeviceFacts, deviceList } from './device-list.ts';
import { EagerDeviceContext } from './eager.ts';
import { missingLibrary } from './fetched-libraries.ts';
import { copiesState } from './titles.ts';

export interface DeviceKind extends DeviceFacts {
  open(options: DeviceOptions): Promise<DeviceContext>;
  /** Whether the opened device has a GPU. A device without this function is judged by its speed. */
  hasGpu?(): boolean;
}

const onnx = (id: 'cuda' | 'webgpu' | 'cpu'): Pick<DeviceKind, 'open'> => ({
  // Loaded by who computes: most processes look at models alone.
  open: async ({ threads }) => {
    const { OnnxDeviceContext } = await import('./onnx-session.ts');
    const stateOnDevice = id !== 'cpu' && !copiesState(id);
    return new OnnxDeviceContext({ id, provider: id, threads, stateOnDevice });
  },
});

const opening: Record<DeviceId, Pick<DeviceKind, 'open' | 'hasGpu'>> = {
  cuda: onnx('cuda'),
  webgpu: onnx('webgpu'),
  'tfjs-gpu': {
    open: async ({ threads }) => {
      loadTensorFlow(threads);
      return new EagerDeviceContext('tfjs-gpu', 'tensorflow');
    },
    hasGpu: () => (tf.backend() as { isUsingGpuDevice?: boolean }).isUsingGpuDevice === true,
  },
  cpu: onnx('cpu'),
};

export const deviceKinds: readonly DeviceKind[] = deviceList.map((facts) => ({
  ...facts,
  ...opening[facts.id],
}));

/**
 * tfjs-node-gpu still calls two functions of util that newer versions of Node lack or warn of. TensorFlow takes all of a
 * GPU's memory except where it may grow, and reads its number of threads when it is loaded.
 */
function loadTensorFlow(threads: number): void {
  process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= 'true';
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  if (threads > 0) {
    process.env.TF_NUM_INTRAOP_THREADS ??= String(threads);
    process.env.TF_NUM_INTEROP_THREADS ??= String(threads);
  }
  const require = createRequire(import.meta.url);
  const util = require('node:util') as Record<'isNullOrUndefined' | 'isArray', (value: unknown) => boolean>;
  util.isNullOrUndefined = (value) => value === null || value === undefined;
  util.isArray = Array.isArray;
  require('@tensorflow/tfjs-node-gpu');
}

const smokeProgram: Program = {
  name: 'smoke test',
  state: { w: float32(2, 2) },
  inputs: { x: float32(2, 2) },
  run: ({ w }, { x }) => {
    const product = tf.matMul(w, x);
    return { state: { w: tf.add(w, x) }, outputs: { product } };
  },
};

/** Runs a two-by-two product twice with state in between; throws when a value is wrong. */
export async function smokeTest(context: DeviceContext): Promise<void> {
  await context.load({ w: { spec: float32(2, 2), data: Float32Array.of(1, 2, 3, 4) } });
  const executable = await context.compile(smokeProgram);
  const x = Float32Array.of(1, 0, 0, 1);
  await executable.run({ x });
  const { product } = await executable.run({ x });
  await executable.release();
  const expected = [2, 2, 3, 5];
  if (!expected.every((value, i) => Math.abs(product[i] - value) < 1e-3)) {
    throw new Error(`a 2 x 2 product came out as ${Array.from(product).join(', ')}`);
  }
}

/** Opens a device and runs the smoke test. Throws where it cannot be used. */
export async function openTested({ id, open }: DeviceKind, options: DeviceOptions): Promise<DeviceContext> {
  const missing = missingLibrary(id);
  if (missing !== null) throw new Error(missing);
  const context = await open(options);
  try {
    await smokeTest(context);
    return context;
  } catch (error) {
    await context.dispose();
    throw error;
  }
}

/** The first line of a message, without the full stop that would stand before the advice. */
export function oneLine(message: string): string {
  return message
    .split('\n')[0]
    .trim()
    .replace(/[.;:]+$/, '');
}

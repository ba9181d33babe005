import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Case, disagreements } from '../../../../test/engine/conformance.ts';
import { elementwiseCases, filledOperandCases } from '../../../../test/engine/kernel-cases.ts';
import { shapeCases } from '../../../../test/engine/shape-cases.ts';
import { isWhole } from '../../../../test/form.ts';
import { deviceChecks } from '../devices/checks.ts';
import { deviceKinds } from '../devices/kinds.ts';
import * as tf from '../tf.ts';
import { TRACE } from '../trace-backend.ts';
import { tracedKernels } from '../tracer.ts';
import type { DeviceContext, DeviceId } from '../types.ts';

const groups: Record<string, Case[]> = {
  'elementwise kernels': elementwiseCases,
  'filled operands': filledOperandCases,
  'shapes, products, reductions and indexing': shapeCases,
};

/** tfjs-node checks the indices of these against the size of an axis that it does not have. Nothing here gathers along one. */
const UNKNOWN_TO_TENSORFLOW = /^gather axis -/;

/** Kernels of the trace backend that some case has called. */
const called = new Set<string>();

function watchKernels(): void {
  // They are registered by whoever asks first.
  tracedKernels();
  for (const config of tf.getKernelsForBackend(TRACE)) {
    tf.unregisterKernel(config.kernelName, TRACE);
    tf.registerKernel({
      ...config,
      kernelFunc: (params) => {
        called.add(config.kernelName);
        return config.kernelFunc(params);
      },
    });
  }
}

async function open(id: DeviceId): Promise<DeviceContext> {
  const kind = deviceKinds.find((candidate) => candidate.id === id);
  if (!kind) throw new Error(`no device "${id}"`);
  return kind.open({ threads: 1 });
}

// Without a GPU its kernels are computed by a software driver, slowly.
const webgpu = isWhole
  ? await deviceChecks.check('webgpu')
  : ({ id: 'webgpu', usable: false, detail: 'npm run test:all tries it' } as const);
const cuda = await deviceChecks.check('cuda');
const tensorFlow = await deviceChecks.check('tfjs-gpu');
// GPUs approximate exp and tanh, and multiply in another order.
const devices = [
  { id: 'cpu', usable: true, detail: '', tolerance: 2e-5 },
  { ...webgpu, tolerance: 2e-4 },
  { ...cuda, tolerance: 2e-3 },
  { ...tensorFlow, tolerance: 2e-3 },
] as const;

for (const { id, usable, detail, tolerance } of devices) {
  if (!usable) process.stderr.write(`kernel conformance skips ${id}: ${detail}\n`);
  describe.skipIf(!usable)(`kernels on ${id} against tfjs's CPU backend`, () => {
    let context: DeviceContext;
    beforeAll(async () => {
      watchKernels();
      context = await open(id);
    });
    afterAll(() => context.dispose());

    it.each(Object.entries(groups))('%s: forward and gradient', async (_, cases) => {
      const run = cases.filter(({ name }) => id !== 'tfjs-gpu' || !UNKNOWN_TO_TENSORFLOW.test(name));
      expect(await disagreements(context, run, tolerance)).toEqual([]);
    });
  });
}

it('has a case for every kernel', () => {
  expect(tracedKernels().filter((name) => !called.has(name))).toEqual([]);
});

/** Entry of the probe process: it gets the id of a device, opens it, runs the smoke test and sends a ProbeAnswer. */
import { messageOf } from '../../errors.ts';
import { listenToParent, sendToParent } from '../../parent-channel.ts';
import type { DeviceContext } from '../types.ts';
import { type DeviceKind, deviceKinds, oneLine, openTested } from './kinds.ts';
import { compareWithCpu, copySpeed, rounded } from './speed.ts';
import { copiesState } from './titles.ts';

export interface ProbeAnswer {
  usable: boolean;
  /** Whether `auto` may take it: not when the CPU is faster. */
  preferred: boolean;
  detail: string;
}

async function probe(id: unknown): Promise<ProbeAnswer> {
  const kind = deviceKinds.find((candidate) => candidate.id === id);
  if (!kind) return { usable: false, preferred: false, detail: `unknown device "${id}"` };
  try {
    const context = await openTested(kind, { threads: 1 });
    try {
      return { usable: true, ...(await preferenceOf(kind, context)) };
    } finally {
      await context.dispose();
    }
  } catch (error) {
    return { usable: false, preferred: false, detail: oneLine(messageOf(error)) };
  }
}

async function preferenceOf(
  { id, hasGpu }: DeviceKind,
  context: DeviceContext,
): Promise<{ preferred: boolean; detail: string }> {
  if (id === 'cpu') return { preferred: true, detail: 'ready' };
  // Its matrix product may be faster than ONNX Runtime's, but a step, op by op, is slower.
  if (hasGpu?.() === false)
    return { preferred: false, detail: 'ready, but it found no GPU and runs on the CPU' };
  const found = await measured(context);
  if (!copiesState(id)) return found;
  const speed = rounded(await copySpeed(context));
  return {
    ...found,
    detail: `${found.detail}; every step copies what is trained to it and back, at ${speed} GB/s here`,
  };
}

/** The measurement of a device; if the device is preferred, the detail also says whether it has float16 products. */
async function measured(context: DeviceContext): Promise<{ preferred: boolean; detail: string }> {
  const found = await measure(context);
  if (!found.preferred) return found;
  const products = await context.halfProducts();
  const halves =
    products.are === 'missing' ? `no float16 products: ${products.problem}` : 'has float16 products';
  return { ...found, detail: `${found.detail}; ${halves}` };
}

/** The comparison must not cost a working device: where the CPU fails, any device is the better one. */
async function measure(context: DeviceContext): Promise<{ preferred: boolean; detail: string }> {
  try {
    const cpu = await deviceKinds.find((kind) => kind.id === 'cpu')?.open({ threads: 0 });
    if (cpu) return await compareWithCpu(context, cpu);
  } catch {
    // Said by the CPU's own probe.
  }
  return { preferred: true, detail: 'ready' };
}

// Whoever asked ends this process: an exit could overtake the answer.
listenToParent(
  async (id) => sendToParent(await probe(id)),
  () => process.exit(1),
);

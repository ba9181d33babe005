/** Entry of the probe process: opens one device, runs the smoke test, sends { usable, detail }. */
import { messageOf } from '../../errors.ts';
import { deviceKinds, smokeTest } from './kinds.ts';

async function probe(id: string | undefined): Promise<{ usable: boolean; detail: string }> {
  const kind = deviceKinds.find((candidate) => candidate.id === id);
  if (!kind) return { usable: false, detail: `unknown device "${id}"` };
  try {
    const context = await kind.open({ threads: 1 });
    await smokeTest(context);
    await context.dispose();
    return { usable: true, detail: 'ready' };
  } catch (error) {
    return { usable: false, detail: messageOf(error).split('\n')[0].trim() };
  }
}

const answer = await probe(process.argv[2]);
process.send?.(answer, () => process.exit(0));

import { type Machine, thisMachine } from '../../src/core/machine.ts';
import type { ProcessIdentity } from '../../src/core/process-identity.ts';

/** This machine, as another process of it would see it. */
export function asProcess(self: ProcessIdentity): Machine {
  return { ...thisMachine, self };
}

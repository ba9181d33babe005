import { UserError } from '../../core/errors.ts';
import { realPath } from '../../core/files/inside.ts';
import type { Store } from '../../core/store/store.ts';

/** The lock of the process that runs a plan, by the place of its file, whatever links lead there. */
export const planLock = (path: string) => `plan:${realPath(path)}`;

/** Takes it. Throws UserError where another process runs the plan. */
export function lockPlan({ locks }: Store, path: string): { renew(): void; release(): void } {
  const name = planLock(path);
  if (!locks.acquire(name))
    throw new UserError(
      `${path}: process ${locks.holder(name)} runs this plan already: wait for it, or end it and give the command again`,
    );
  return { renew: () => void locks.acquire(name), release: () => locks.release(name) };
}

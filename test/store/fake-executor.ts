import type { Executor } from '../../src/main/executors/executor.ts';

/** Starts what `start` says, and never finds a run whose host has ended. */
export function fakeExecutor(start: Executor['start']): Executor {
  return {
    start,
    attach: () => {
      throw new Error('no trainer of this test goes on without its host');
    },
  };
}

import type { Clock, Timer } from '../../core/machine.ts';

/** Long enough for a step of a large model, after which the trainer keeps its checkpoint. */
export const GRACE_MS = 60_000;

/** Asks a trainer to stop, by `ask`, and kills it if it does not within the grace period; asked again, it kills it at once. */
export function canceller(ask: () => void, kill: (because: string) => void, graceMs: number, clock: Clock) {
  let grace: Timer | undefined;
  const state = {
    /** Whether the trainer has been asked. */
    requested: false,
    cancel: () => {
      if (state.requested) return kill('the trainer was killed before it had stopped');
      state.requested = true;
      ask();
      const seconds = Math.round(graceMs / 1000);
      const because = `the trainer did not stop within ${seconds} s of being asked and was killed`;
      grace = clock.after(graceMs, () => kill(because)).unref();
    },
    /** It has not been asked yet, and is not to be. */
    takeBack: () => {
      state.requested = false;
      grace?.stop();
    },
    /** The trainer has ended. */
    settle: () => grace?.stop(),
  };
  return state;
}

/** Asks a trainer to stop, by `ask`, and kills it if it does not within the grace period; asked again, it kills it at once. */
export function canceller(ask: () => void, kill: (because: string) => void, graceMs: number) {
  let grace: NodeJS.Timeout | undefined;
  const state = {
    /** Whether the trainer has been asked. */
    requested: false,
    cancel: () => {
      if (state.requested) return kill('the trainer was killed before it had stopped');
      state.requested = true;
      ask();
      const seconds = Math.round(graceMs / 1000);
      const because = `the trainer did not stop within ${seconds} s of being asked and was killed`;
      grace = setTimeout(() => kill(because), graceMs).unref();
    },
    /** The trainer has ended. */
    settle: () => clearTimeout(grace),
  };
  return state;
}

/** How much memory the values of a graph take while it runs, from their sizes and when each is needed for the last time. */

/** A node of a graph: the names of the values that it reads and makes. */
export interface Step {
  input: readonly string[];
  output: readonly string[];
}

/**
 * Most bytes that values made by `steps`, run in this order, take at one time: each from the step that makes it to the last
 * that reads it, those in `kept` to the end. Values without a size, and what no step makes, count nothing.
 */
export function mostLiveBytes(
  steps: readonly Step[],
  sizes: ReadonlyMap<string, number>,
  kept: ReadonlySet<string>,
): number {
  const last = new Map<string, number>();
  for (const [at, { input, output }] of steps.entries()) {
    for (const name of [...input, ...output]) last.set(name, at);
  }
  const made = new Set(steps.flatMap(({ output }) => output));
  let [live, most] = [0, 0];
  for (const [at, { input, output }] of steps.entries()) {
    for (const name of output) live += sizes.get(name) ?? 0;
    most = Math.max(most, live);
    for (const name of new Set([...input, ...output])) {
      if (last.get(name) === at && made.has(name) && !kept.has(name)) live -= sizes.get(name) ?? 0;
    }
  }
  return most;
}

/** How much memory the values of a graph take while it runs, from their sizes and when each is needed for the last time. */

/** A node of a graph: the names of the values that it reads and makes. */
export interface Step {
  input: readonly string[];
  output: readonly string[];
}

export interface GraphMemory {
  /** Most bytes that values take at one time. */
  live: number;
  /** The same where every size has as many buffers as there are values of it at one time, kept for later ones. */
  buffers: number;
}

/**
 * Memory of values made by `steps`, run in this order: each from the step that makes it to the last that reads it, those in
 * `kept` to the end. Values without a size, and what no step makes, count nothing.
 */
export function graphMemory(
  steps: readonly Step[],
  sizes: ReadonlyMap<string, number>,
  kept: ReadonlySet<string>,
): GraphMemory {
  const last = new Map<string, number>();
  for (const [at, { input, output }] of steps.entries()) {
    for (const name of [...input, ...output]) last.set(name, at);
  }
  const made = new Set(steps.flatMap(({ output }) => output));
  let [live, most] = [0, 0];
  const counts = new Map<number, { now: number; most: number }>();
  const change = (name: string, by: 1 | -1) => {
    const size = sizes.get(name) ?? 0;
    live += by * size;
    const count = counts.get(size) ?? { now: 0, most: 0 };
    count.now += by;
    count.most = Math.max(count.most, count.now);
    counts.set(size, count);
  };
  for (const [at, { input, output }] of steps.entries()) {
    for (const name of output) change(name, 1);
    most = Math.max(most, live);
    for (const name of new Set([...input, ...output])) {
      if (last.get(name) === at && made.has(name) && !kept.has(name)) change(name, -1);
    }
  }
  const buffers = [...counts].reduce((sum, [size, count]) => sum + size * count.most, 0);
  return { live: most, buffers };
}

/**
 * The nodes of a graph in the order of a search from what no node reads, what was written last first, as ONNX Runtime
 * runs them.
 */
export function asSearched<T extends Step>(nodes: readonly T[]): T[] {
  const maker = new Map(nodes.flatMap((node, at) => node.output.map((name) => [name, at] as const)));
  const read = new Set(nodes.flatMap(({ input }) => input));
  const stack = nodes.flatMap(({ output }, at) =>
    output.some((name) => read.has(name)) ? [] : [{ at, left: false }],
  );
  const [seen, order] = [new Set<number>(), [] as T[]];
  for (let top = stack.pop(); top; top = stack.pop()) {
    if (top.left) order.push(nodes[top.at]);
    if (top.left || seen.has(top.at)) continue;
    seen.add(top.at);
    stack.push({ at: top.at, left: true });
    const makers = new Set(nodes[top.at].input.flatMap((name) => maker.get(name) ?? []));
    for (const at of [...makers].sort((a, b) => a - b)) stack.push({ at, left: false });
  }
  return order;
}

/** Graphs of steps over long histories: small, and without values kept longer than they are needed. */
import { expect, it } from 'vitest';
import type { Graph } from '../../engine/graph.ts';
import { mostLiveBytes } from '../../engine/live-memory.ts';
import { record, trace } from '../../engine/tracer.ts';
import type { TrainingConfig } from '../../training/config.ts';
import { StepPrograms } from '../../training/programs.ts';
import { resolveConfig } from '../registry.ts';
import { buildTrained } from './next-item-models.ts';

const counts = { users: 4, items: 3000, catalogueItems: 3000 };

function stepOf(model: string, length: number, settings: Record<string, unknown> = {}) {
  const overrides = { maxLength: length, batchSize: 4, ...settings };
  const config = resolveConfig(model, { overrides }) as TrainingConfig;
  return new StepPrograms(buildTrained(model, config, counts), config).step([{ rows: 4, length }]);
}

it.each(['sasrec', 'hstu', 'fuxi-alpha', 'fuxi-beta', 'fuxi-linear', 'llama'])(
  'the graph of %s has no mask as long as a history',
  (model) => {
    // One mask of every block and layer alone would be 3 MB.
    expect(trace(stepOf(model, 768), { dynamicSizes: true }).bytes.length).toBeLessThan(600_000);
  },
);

/** Nodes in the order of a search from the outputs, what was written last first, as ONNX Runtime runs them. */
function searched({ nodes }: Graph): Graph['nodes'] {
  const maker = new Map(nodes.flatMap((node, at) => node.output.map((name) => [name, at] as const)));
  const read = new Set(nodes.flatMap(({ input }) => input));
  const stack = nodes.flatMap(({ output }, at) =>
    output.some((name) => read.has(name)) ? [] : [{ at, left: false }],
  );
  const [seen, order] = [new Set<number>(), [] as Graph['nodes']];
  for (let top = stack.pop(); top; top = stack.pop()) {
    if (top.left) order.push(nodes[top.at]);
    if (top.left || seen.has(top.at)) continue;
    seen.add(top.at);
    stack.push({ at: top.at, left: true });
    const inputs = [...new Set(nodes[top.at].input.map((name) => maker.get(name) ?? -1))].filter(
      (at) => at >= 0,
    );
    for (const at of inputs.toSorted((a, b) => a - b)) stack.push({ at, left: false });
  }
  return order;
}

it.each([
  ['products with the whole table', { negatives: 128 }],
  ['gathered rows', { negatives: 16 }],
  ['the whole catalogue', { loss: 'full-softmax' }],
])('the order in which the runtime runs a step keeps no %s of all tokens', (_, settings) => {
  const { graph, state, outputs } = record(stepOf('sasrec', 512, settings), { dynamicSizes: true });
  const given = [...state, ...outputs];
  const kept = new Set(given.map(([value]) => value));
  const most = mostLiveBytes(searched(graph), graph.sizes, kept);
  expect(most).toBeLessThan(1.25 * graph.liveBytes(given));
});

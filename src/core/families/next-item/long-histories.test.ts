/** Graphs of steps over long histories: small, and without values kept longer than they are needed. */
import { expect, it } from 'vitest';
import { some } from '../../../../test/form.ts';
import type { Graph } from '../../engine/graph.ts';
import { asSearched, graphMemory } from '../../engine/live-memory.ts';
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

it.each([
  ['products with the whole table', { negatives: 128 }],
  ['gathered rows', { negatives: 16 }],
  ['the whole catalogue', { loss: 'full-softmax' }],
])('the order in which the runtime runs a step keeps no %s of all tokens', (_, settings) => {
  const { graph, state, outputs } = record(stepOf('sasrec', 512, settings), { dynamicSizes: true });
  const given = [...state, ...outputs];
  const kept = new Set(given.map(([value]) => value));
  const written = graphMemory(graph.nodes, graph.sizes, kept).live;
  expect(graph.memory(given).live).toBeLessThan(1.25 * written);
});

it('a step that does not fit may compute its blocks again, where the model has some and does not yet', () => {
  const advice = (model: string, settings?: Record<string, unknown>) =>
    stepOf(model, 64, settings).memory?.toFit(0.5);
  expect(advice('sasrec')).toBe(
    'set a lower microBatchTokens: 2 rows of 64 fit, not 4; or set recomputeBlocks=true',
  );
  const fewer = 'set a lower microBatchTokens: 2 rows of 64 fit, not 4';
  expect(advice('sasrec', { recomputeBlocks: true })).toBe(fewer);
  expect(advice('gru4rec')).toBe(fewer);
});

/** The graph with equal nodes taken for one, as ONNX Runtime does before it runs it. */
function withoutRepeats(nodes: Graph['nodes']): Graph['nodes'] {
  const [first, same] = [new Map<string, readonly string[]>(), new Map<string, string>()];
  return nodes.flatMap((node) => {
    const input = node.input.map((name) => same.get(name) ?? name);
    const key = JSON.stringify([node.opType, input, node.output.length, node.attribute]);
    const known = first.get(key);
    if (!known) {
      first.set(key, node.output);
      return [{ ...node, input }];
    }
    for (const [at, name] of node.output.entries()) same.set(name, known[at]);
    return [];
  });
}

/** Bytes alive at once in a step of 4 rows, as the runtime runs it in parts or as one graph. */
function liveBytes(
  model: string,
  length: number,
  { parts = true, ...settings }: Record<string, unknown>,
): number {
  const { graph, state, outputs } = record(stepOf(model, length, settings), { dynamicSizes: true });
  const kept = new Set([...state, ...outputs].map(([value]) => value));
  graph.settle(parts === true);
  const steps = parts ? graph.nodes : asSearched(withoutRepeats(graph.nodes));
  return graphMemory(steps, graph.sizes, kept).live;
}

const MODELS = ['sasrec', 'esasrec', 'llama', 'hstu', 'fuxi-alpha', 'fuxi-beta'];

it.each(some(MODELS, 2).flatMap((model) => [true, false].map((parts) => [model, parts] as const)))(
  '%s takes little more than twice the memory for twice the history, in parts: %s',
  (model, parts) => {
    const [half, whole] = [1024, 2048].map((length) => liveBytes(model, length, { blocks: 3, parts }));
    expect(whole / half).toBeLessThan(2.2);
  },
);

it('so it is from 4,096 to 8,192, and no graph is beyond 5 MB', () => {
  const [half, whole] = [4096, 8192].map((length) => liveBytes('sasrec', length, { blocks: 2 }));
  expect(whole / half).toBeLessThan(2.2);
  expect(trace(stepOf('llama', 8192), { dynamicSizes: true }).bytes.length).toBeLessThan(5e6);
});

it.each(some(MODELS, 2))(
  '%s takes the memory of one block at any depth where blocks are computed again',
  (model) => {
    const [two, six] = [2, 6].map((blocks) =>
      liveBytes(model, 256, { blocks, recomputeBlocks: true, parts: false }),
    );
    const states = 4 * 256 * 64 * 4;
    expect((six - two) / 4).toBeLessThan(states * 4);
  },
);

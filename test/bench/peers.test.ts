/** That the peers of the benchmarks compute what ours computes, where there is a Python with torch. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { compareLosses, type Peer } from '../../bench/peers.ts';
import { pythonWithTorch } from '../../bench/processes.ts';

const python = pythonWithTorch();
const folder = mkdtempSync(join(tmpdir(), 'tessera-peers-'));
afterAll(() => rmSync(folder, { recursive: true }));

const file = join(folder, 'lengths.json');
// Of several buckets, up to the longest.
writeFileSync(file, JSON.stringify([200, 150, 90, 40, 20, 18, 3, 1, 65, 31, 5, 2]));

const sequential = (model: string, preset: string): [string, Peer] => [
  `${model}, ${preset}`,
  {
    ...{ ours: 'next-item-step.ts', torch: 'next_item_step.py' },
    args: (threads, steps) => [model, String(threads), String(steps), '12', file, preset, '500'],
  },
];
const own = (name: string, ...rest: string[]): [string, Peer] => [
  [name, ...rest].join(' '),
  {
    ...{ ours: `${name}-step.ts`, torch: `${name}_step.py` },
    args: (threads, steps) => [String(threads), String(steps), ...rest],
  },
];

describe.skipIf(!python)('a step of a peer has the losses of ours', () => {
  test.each([
    ...['sasrec', 'esasrec', 'hstu', 'llama', 'fuxi-alpha', 'gru4rec'].map((model) =>
      sequential(model, 'ml-1m'),
    ),
    // Heads, and the softmax over all items.
    ...['sasrec', 'hstu', 'fuxi-alpha', 'llama'].map((model) => sequential(model, 'beauty')),
    own('tiger', 'causal', 'batchSize=32'),
    own('tiger', 'prefixes', 'batchSize=32'),
    own('rpg', 'batchSize=32'),
    own('dlrm', '64', '1000'),
  ])('%s', (_, peer) => {
    const { losses, torchLosses } = compareLosses(peer, folder, python);
    expect(torchLosses).toHaveLength(losses.length);
    for (const [at, loss] of losses.entries())
      expect(Math.abs(torchLosses[at] - loss)).toBeLessThan(1e-4 * Math.abs(loss));
    // The optimiser has moved the parameters.
    expect(losses[1]).not.toBeCloseTo(losses[0], 6);
  });
});

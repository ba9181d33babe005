/** LC-Rec under other protocols than leaving the last interaction out: in time, and with items that training never sees. */
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import {
  home,
  prepared,
  type Trained,
  testRanks,
  tokeniser,
  trainOnSample,
} from '../../../../../test/semantic-ids/sample-ids.ts';
import { readSnapshot } from '../../../semantic-ids/artefact.ts';
import { openTrainingPart } from '../../../training/ranking/context.ts';
import { resolveConfig } from '../../registry.ts';
import { itemTokens } from '../code-tokens.ts';
import { rewarded } from '../models/rewarded.ts';
import { GroupDrawer } from '../rewards/id-groups.ts';
import { BeamLister } from '../search/beam-lister.ts';
import { WordBatches } from './word-batches.ts';
import { readWordFiles } from './word-files.ts';

const small = {
  ...{ tokeniser: 'ids', dim: 16, heads: 2, blocks: 2, ffnDim: 16, vocabulary: 300, maxLength: 3 },
  ...{ epochs: 1, epochSteps: 12, learningRate: 0.01, patience: 0, batchSize: 32, microBatchTokens: 2048 },
  ...{ validationUsers: 10, validationBeams: 10, beams: 12 },
};

test('split in time, a user with several targets has one list, which ranks all of them', async () => {
  const lists = vi.spyOn(BeamLister.prototype, 'lists');
  const { result } = await trainOnSample('later', 'lc-rec', {
    ...small,
    ...{ split: 'time', testShare: 0.3, targets: 'all', validationUsers: 1000 },
  });
  const made = lists.mock.calls.reduce((count, [, , requests]) => count + requests.length, 0);
  lists.mockRestore();
  const [valid, tested] = (result?.ranks ?? []).map((ranks) => ({ ...ranks, of: new Set(ranks.users).size }));
  expect(tested.of).toBeLessThan(tested.users.length / 2);
  expect(made).toBe(2 * valid.of + tested.of);
  const { users, targets, ranks, topK, topItems } = tested;
  for (const [row, user] of users.entries()) {
    const head = users.indexOf(user);
    const place = topItems.subarray(head * topK, (head + 1) * topK).indexOf(targets[row]);
    expect(ranks[row] <= topK ? ranks[row] - 1 : -1).toBe(place);
  }
  expect(result?.protocol).toMatchObject({ split: 'time' });
});

const hiding = { coldItems: 0.4, coldSeed: 4, coldShare: 0.2, learningRate: 0.02 };

/** Which items training never sees, and the ID of each item as text. */
async function hiddenItems() {
  const config = resolveConfig('lc-rec', { overrides: { ...small, ...hiding } });
  const { hidden } = await openTrainingPart(await prepared, config);
  if (!hidden) throw new Error('nothing is hidden');
  const options = { userTokens: 0, separator: false, collisionToken: true, shuffleIds: 0 };
  const { tokens, levels } = itemTokens(readSnapshot(tokeniser.dir).ids, options);
  const width = levels.sizes.length;
  const idOf = (item: number) => tokens.subarray(item * width, (item + 1) * width).join();
  return { hidden, idOf, hasId: (item: number) => tokens[item * width] > 0, width };
}

/** Of each list, no more than its share at any place is of items that were hidden; returns how many are. */
function expectShared(ranks: ReturnType<typeof testRanks>, hidden: Uint8Array, share: number): number {
  const { users, topK, topItems } = ranks;
  let all = 0;
  for (let row = 0; row < users.length; row++) {
    let cold = 0;
    for (const [place, item] of topItems.subarray(row * topK, (row + 1) * topK).entries()) {
      if (item >= 0 && hidden[item] === 1) cold++;
      expect(cold).toBeLessThanOrEqual(Math.ceil(share * (place + 1)));
    }
    all += cold;
  }
  return all;
}

test('items hidden from training are in no example, and join lists up to their share; so it is where a reward goes on', async () => {
  const { hidden, idOf, hasId, width } = await hiddenItems();
  const idsOf = (kind: 0 | 1) =>
    new Set([...hidden.keys()].filter((item) => hidden[item] === kind && hasId(item)).map(idOf));
  const [seenIds, hiddenIds] = [idsOf(0), idsOf(1)];
  const prefixOf = (id: string) => id.slice(0, id.lastIndexOf(','));
  const known = new Set([...seenIds].map(prefixOf));
  expect([...hiddenIds].filter((id) => !known.has(prefixOf(id))).length).toBeGreaterThan(1);
  const read: Int32Array[] = [];
  const { step } = WordBatches.prototype;
  const spy = vi.spyOn(WordBatches.prototype, 'step').mockImplementation(function (
    this: WordBatches,
    ...given
  ) {
    const parts = step.apply(this, given);
    read.push(...parts.map(({ inputs }) => Int32Array.from(inputs.ids)));
    return parts;
  });
  const config = { ...small, ...hiding, epochs: 3, selection: 'final-epoch' };
  const trained = await trainOnSample('hidden', 'lc-rec', config);
  spy.mockRestore();
  const { vocabulary } = readWordFiles(join(home, 'hidden')).decoder;
  // Codes follow the words, and are tokens from 1 on.
  const rows = read.map((ids) => ids.map((id) => id - vocabulary + 1));
  const learnt = new Set(
    rows.flatMap((row) => Array.from(row, (_, at) => row.subarray(at, at + width).join())),
  );
  expect([...seenIds].filter((id) => learnt.has(id)).length).toBeGreaterThan(40);
  expect([...hiddenIds].filter((id) => learnt.has(id))).toEqual([]);

  const metrics = (of: Trained) => (name: string) => of.result?.metrics[`test/${name}`] ?? Number.NaN;
  expect(metrics(trained)('cold-users')).toBeGreaterThan(5);
  expect(expectShared(testRanks(trained), hidden, 0.2)).toBeGreaterThan(0);
  expect(metrics(trained)('cold-share@10')).toBeGreaterThan(0);
  expect(metrics(trained)('cold-share@10')).toBeLessThanOrEqual(0.2);
  expect(metrics(trained)('cold-hr@20')).toBeGreaterThan(0);
  const evaluate = trained.best.at(-1) ?? trained.last;
  const without = await trainOnSample('hidden', 'lc-rec', { ...config, coldShare: 0 }, { evaluate });
  expect(expectShared(testRanks(without), hidden, 0)).toBe(0);
  expect(metrics(without)('cold-share@10')).toBe(0);

  const whole = resolveConfig('lc-rec', { overrides: config });
  const run = { run: 'hidden', name: 'hidden', model: 'lc-rec', config: whole, checkpoint: evaluate };
  const policy = { ...run, dir: join(home, 'hidden') };
  const drawn = new Set<string>();
  const { draw } = GroupDrawer.prototype;
  const drawing = vi.spyOn(GroupDrawer.prototype, 'draw').mockImplementation(async function (
    this: GroupDrawer,
    ...given
  ) {
    const labels = await draw.apply(this, given);
    for (let at = 0; at < labels.length; at += width) drawn.add(labels.subarray(at, at + width).join());
    return labels;
  });
  for (const objective of ['grpo', 's-dpo']) {
    const steps = { objective, epochs: 1, epochSteps: 4, batchSize: 32, group: 16, learningRate: 1e-3 };
    const any = { drawing: 'sample', drawingTemperature: 5 };
    const given = { policy: 'hidden', ...rewarded.rewarded?.given(policy), ...steps, ...any };
    const after = await trainOnSample(`hidden-${objective}`, 'rewarded', given, { sources: { policy } });
    expect(after.result?.protocol).toMatchObject({ coldItems: 0.4, coldSeed: 4 });
    expect(metrics(after)('cold-users')).toBe(metrics(trained)('cold-users'));
    expect(expectShared(testRanks(after), hidden, 0.2)).toBeGreaterThan(0);
  }
  drawing.mockRestore();
  // Almost everything that may be drawn was.
  expect([...seenIds].filter((id) => drawn.has(id)).length).toBeGreaterThan(0.8 * seenIds.size);
  expect([...hiddenIds].filter((id) => drawn.has(id))).toEqual([]);
});

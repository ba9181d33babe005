import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { protocol } from '../../../../test/reports/runs.ts';
import { newRun } from '../../../../test/store/records.ts';
import { importDataset } from '../../../core/data/import/import.ts';
import { openInteractions } from '../../../core/data/read.ts';
import { writeSample } from '../../../core/data/sample/sample.ts';
import { leaveLastOut } from '../../../core/data/splits/leave-last-out.ts';
import { trainedOn } from '../../../core/data/splits/split.ts';
import { COLD_BELOW } from '../../../core/data/statistics.ts';
import type { DatasetSummary, Interactions } from '../../../core/data/types.ts';
import { compareRuns } from '../../../core/documents/comparison/comparison.ts';
import { sliceSections } from '../../../core/documents/comparison/sections/slices.ts';
import { rankMetrics } from '../../../core/evaluation/metrics.ts';
import type { SliceResult } from '../../../core/evaluation/slices.ts';
import { selectSnapshot, writeSnapshot } from '../../../core/semantic-ids/artefact.ts';
import { openStore } from '../../../core/store/open-store.ts';
import type { Store } from '../../../core/store/store.ts';
import { comparedRuns } from './compared-runs.ts';
import { comparedSlices, runSlices } from './slices.ts';

const home = mkdtempSync(join(tmpdir(), 'tessera-slices-'));
let store: Store;
let club: DatasetSummary;
let data: Interactions;

beforeAll(async () => {
  store = openStore(home);
  club = await imported('club', writeSample(join(home, 'files'), { users: 600, items: 120 }));
  data = await openInteractions(store.datasets.folder(club.id));
});

afterAll(() => {
  store.close();
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
});

async function imported(name: string, paths: string[]): Promise<DatasetSummary> {
  const summary = await importDataset({ paths, name }, { home });
  store.datasets.add(summary);
  return summary;
}

/** A completed run that ranked the test item of every user; a larger `skill` finds more of them. */
async function completed(dataset: DatasetSummary, name: string, config: object, skill = 1): Promise<string> {
  const interactions = await openInteractions(store.datasets.folder(dataset.id));
  const split = leaveLastOut(interactions);
  const users = split.usersWithTargets();
  const ranks = {
    split: 'test' as const,
    candidates: interactions.items,
    users,
    targets: users.map((user) => interactions.itemIds[split.testIndex(user)]),
    ranks: users.map((user) => 1 + ((user * 7) % 40) * skill),
    historyLengths: users.map((user) => split.testIndex(user) - split.start(user)),
    topK: 0,
    topItems: new Int32Array(0),
  };
  const { id } = store.runs.create(newRun(dataset, { name, model: name, config: { ...config } }));
  store.ranks.save(id, ranks);
  store.runs.setResult(
    id,
    {
      ...{ status: 'completed', epochs: 1, selectedEpoch: 1, seconds: 1, device: 'cpu', ranks: [] },
      metrics: rankMetrics(ranks),
      protocol: { ...protocol, dataset: dataset.fingerprint },
    },
    'c0ffee',
  );
  return id;
}

const sizes = (slices: readonly SliceResult[], by: SliceResult['by']) =>
  Object.fromEntries(slices.flatMap((one) => (one.by === by ? [[one.slice, one.users]] : [])));

/** By a search through every user's training items. */
function searched(share: number) {
  const split = leaveLastOut(data);
  const ends = trainedOn(split, share);
  const training = Array.from(ends, (end, user) => [...data.itemIds.subarray(data.offsets[user], end)]);
  const counts = { 'transition seen': 0, 'pair seen': 0, 'pair unseen': 0, cold: 0 };
  for (const user of split.usersWithTargets()) {
    const target = data.itemIds[split.testIndex(user)];
    const last = data.itemIds[split.testIndex(user) - 1];
    if (training.some((own) => own.some((item, at) => at > 0 && own[at - 1] === last && item === target)))
      counts['transition seen']++;
    else if (training.some((own) => own.includes(last) && own.includes(target))) counts['pair seen']++;
    else counts['pair unseen']++;
    if (training.flat().filter((item) => item === target).length < COLD_BELOW) counts.cold++;
  }
  return counts;
}

describe('slices of a run', () => {
  test.each([1, 0.3, 0.01])('are counted from the users that it was trained on, %d of all', async (share) => {
    const id = await completed(club, `share-${share}`, { trainUsers: share });
    const slices = await runSlices(store, store.runs.own(id));
    const { cold, ...seen } = searched(share);
    expect(sizes(slices, 'seen in training')).toEqual(seen);
    expect(sizes(slices, 'item popularity').cold).toBe(cold);
  });

  test('do not count validation items as seen in training, but those of a training that held none out', async () => {
    const file = join(home, 'few.csv');
    // The last step of `one`, from c to d, is in `two` the step to its validation item.
    const rows = { one: 'abcd', two: 'ecdf' };
    writeFileSync(
      file,
      `user,item,timestamp\n${Object.entries(rows)
        .flatMap(([user, items]) => [...items].map((item, at) => `${user},${item},${at}`))
        .join('\n')}\n`,
    );
    const few = await imported('few', [file]);
    const of = async (config: object) => {
      const id = await completed(few, `few-${JSON.stringify(config)}`, config);
      return sizes(await runSlices(store, store.runs.own(id)), 'seen in training');
    };
    expect(await of({})).toMatchObject({ 'transition seen': 0, 'pair unseen': 2 });
    expect(await of({ protocol: 'paper' })).toMatchObject({ 'transition seen': 1, 'pair unseen': 1 });
  });
});

describe('slices of a comparison', () => {
  test('are tested where both rows have the same users in a slice, whatever they were trained on', async () => {
    const all = await completed(club, 'all', {});
    const same = await completed(club, 'same', { dim: 8 }, 2);
    const few = await completed(club, 'few-users', { trainUsers: 0.3 }, 2);
    const [, beside, fewer] = await comparedSlices(store, { runs: [all, same, few], baseline: all });
    const tested = ({ slices }: typeof beside, by: SliceResult['by']) =>
      slices.filter((slice) => slice.by === by && slice.users >= 100).map(({ differences }) => !!differences);
    expect(new Set(tested(beside, 'seen in training'))).toEqual(new Set([true]));
    expect(tested(fewer, 'history length')).toEqual(tested(beside, 'history length'));
    expect(sizes(fewer.slices, 'seen in training')).not.toEqual(sizes(beside.slices, 'seen in training'));
    expect(new Set(tested(fewer, 'seen in training'))).toEqual(new Set([false]));
  });

  test('by Semantic IDs are cut by those of the same data set, and tables name the run', async () => {
    const paths = writeSample(join(home, 'twin-files'), { users: 60, items: 90, seed: 2 });
    const twin = await imported('twin', paths);
    const tokeniser = (dataset: DatasetSummary, name: string, alike: boolean) => {
      const { id } = store.runs.create(newRun(dataset, { name, model: 'rq-vae' }));
      const { items } = dataset.statistics;
      const codes = Int32Array.from({ length: items }, (_, item) => (alike ? 0 : item));
      const ids = { levels: 1, codebookSizes: [alike ? 1 : items], items, codes };
      const collisionTokens = Int32Array.from(codes, (_, item) => (alike ? item : 0));
      writeSnapshot(store.runs.folder(id), {
        step: 1,
        epoch: 1,
        ids: { ...ids, collisionTokens },
        codebooks: [],
      });
      selectSnapshot(store.runs.folder(id), 1);
      return id;
    };
    const first = await completed(club, 'tiger', { tokeniser: tokeniser(club, 'apart', false) });
    const second = await completed(twin, 'tiger', { tokeniser: tokeniser(twin, 'alike', true) });
    const rows = await comparedSlices(store, { runs: [first, second] });
    const bySeenPrefix = rows.map(({ slices }) => slices.filter(({ by }) => by === 'seen ID prefix'));
    const users = twin.statistics.users;
    expect(sizes(bySeenPrefix[0], 'seen ID prefix')['1 code']).toBe(searched(1)['transition seen']);
    expect(sizes(bySeenPrefix[1], 'seen ID prefix')).toEqual({ '1 code': users, 'no code': 0 });
    expect(bySeenPrefix.map(([one]) => one.idsOf)).toEqual(['apart', 'alike']);
    const comparison = compareRuns(comparedRuns(store, [first, second]), { resamples: 10 });
    const titles = sliceSections({ ...comparison, slices: rows.map(({ slices }) => slices) }).map(
      ({ title }) => title,
    );
    expect(titles.filter((title) => title.endsWith(', IDs of apart and alike')).length).toBeGreaterThan(0);
  });

  test('count a lower mean rank as a win, like the table', async () => {
    const good = await completed(club, 'good', { dim: 16 });
    const bad = await completed(club, 'bad', { dim: 17 }, 3);
    const [, row] = await comparedSlices(store, { runs: [good, bad], baseline: good });
    for (const { differences } of row.slices.filter(({ users }) => users >= 100)) {
      const { wins, losses, difference } = differences?.['test/mean-rank'] ?? {};
      expect(difference).toBeGreaterThan(0);
      expect(losses).toBeGreaterThan(wins ?? 0);
    }
  });
});

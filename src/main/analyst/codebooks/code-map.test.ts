import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newRun } from '../../../../test/store/records.ts';
import { importDataset } from '../../../core/data/import/import.ts';
import { writeSample } from '../../../core/data/sample/sample.ts';
import type { DatasetSummary } from '../../../core/data/types.ts';
import { selectSnapshot, writeSnapshot } from '../../../core/semantic-ids/artefact.ts';
import { collisionTokens } from '../../../core/semantic-ids/types.ts';
import { openStore } from '../../../core/store/open-store.ts';
import type { Store } from '../../../core/store/store.ts';
import { codebookCard, codebookMapOfCodes } from './code-map.ts';
import { codebookItemStates } from './items.ts';
import { codebookFacts, tokenisers } from './overview.ts';

const CODES = 4;
const home = mkdtempSync(join(tmpdir(), 'tessera-code-map-'));
let store: Store;
let club: DatasetSummary;
let plain: DatasetSummary;

beforeAll(async () => {
  store = openStore(home);
  club = await imported('club', writeSample(join(home, 'club'), { users: 40, items: 60 }));
  mkdirSync(join(home, 'plain'));
  const rows = Array.from({ length: 40 }, (_, at) => `u${at % 5},i${at % 8},${at}`);
  writeFileSync(join(home, 'plain', 'clicks.csv'), `user,item,timestamp\n${rows.join('\n')}\n`);
  plain = await imported('plain', [join(home, 'plain', 'clicks.csv')]);
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

/** A tokeniser without vectors of its codes, whose first code is the item's number modulo all codes but the last. */
function tokeniser(dataset: DatasetSummary, steps: readonly number[], isEnded: boolean): string {
  const { id } = store.runs.create(newRun(dataset, { name: null, model: 'rq-vae', seed: 7 }));
  const items = dataset.statistics.catalogueItems;
  for (const step of steps) {
    const codes = Int32Array.from({ length: 2 * items }, (_, at) => {
      const item = Math.floor(at / 2);
      return at % 2 === 0 ? (item + step) % (CODES - 1) : Math.floor(item / 8) % CODES;
    });
    const ids = { levels: 2, codebookSizes: [CODES, CODES], items, codes };
    const snapshot = { step, epoch: 2 * step, ids: { ...ids, collisionTokens: collisionTokens(codes, 2) } };
    writeSnapshot(store.runs.folder(id), { ...snapshot, codebooks: [] });
  }
  if (isEnded) selectSnapshot(store.runs.folder(id), steps[steps.length - 1]);
  return id;
}

test('a map has every item once, and a card says what those of a code have in common', async () => {
  const run = tokeniser(club, [1], true);
  const { category } = await codebookFacts(store, { run });
  const view = { run, step: null, category };
  const map = await codebookMapOfCodes(store, { ...view, root: [] });
  expect(map).toMatchObject({ root: [], grid: { columns: 2, rows: 2 }, itemCount: 60, byPair: false });
  expect([...map.items].sort((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, item) => item));
  expect(map.starts[3]).toBe(map.starts[4]);
  expect(map.categories.reduce((sum, { items }) => sum + items, 0)).toBe(60);
  expect(map.levels.map(({ used }) => used)).toEqual([3, 4]);
  expect(map.levels[0].told).toBeGreaterThan(0);

  const card = await codebookCard(store, { ...view, prefix: [1] });
  expect(card.items).toBe(map.starts[2] - map.starts[1]);
  expect(card.sharing).toBe(map.shared.slice(map.starts[1], map.starts[2]).filter((ids) => ids > 1).length);
  expect(card.next?.codes.reduce((sum, { items }) => sum + items, 0)).toBe(card.items);
  expect(card.top[0].interactions).toBe(Math.max(...map.interactions.slice(map.starts[1], map.starts[2])));
  expect(card.beside.map(({ code }) => code)).not.toContain(3);
  expect(card.words.every(({ titles }) => titles <= card.items)).toBe(true);

  const inner = await codebookMapOfCodes(store, { ...view, root: [1] });
  expect(inner).toMatchObject({ grid: { columns: 4, rows: 4 }, itemCount: card.items });
  expect(inner.starts.at(-1)).toBe(card.items);
  const [fullest] = card.next?.codes ?? [];
  expect(inner.cells[fullest.code]).toBe(0);
  await expect(codebookCard(store, { ...view, prefix: [3] })).resolves.toMatchObject({ items: 0, words: [] });
});

test('a data set without titles and categories has ids, counts, and no regions', async () => {
  const run = tokeniser(plain, [1], true);
  const facts = await codebookFacts(store, { run });
  expect(facts).toMatchObject({ category: null, hasTitles: false, seed: 7 });
  const view = { run, step: null, category: null };
  const map = await codebookMapOfCodes(store, { ...view, root: [] });
  expect(map).toMatchObject({ regions: [], categories: [], itemCount: 8 });
  expect(map.levels.map(({ told }) => told)).toEqual([null, null]);
  const card = await codebookCard(store, { ...view, prefix: [0] });
  expect(card).toMatchObject({ name: '', words: [], categories: [] });
  expect(card.top[0]).toMatchObject({ title: null, interactions: 5 });
});

test('a training that goes on shows its last saved state, and no code moves between its states', async () => {
  const run = tokeniser(club, [3, 5], false);
  expect(tokenisers(store).find((one) => one.run === run)).toMatchObject({ isTraining: true });
  expect(await codebookFacts(store, { run })).toMatchObject({ isTraining: true, selected: 5 });
  const at = (step: number | null) => codebookMapOfCodes(store, { run, step, category: null, root: [] });
  const [first, last, now] = [await at(3), await at(5), await at(null)];
  expect(now).toEqual(last);
  expect(first.items).not.toEqual(last.items);
  expect(first.cells).toEqual(last.cells);
});

test('an item has its codes at the first and the last saved state, and at some between', async () => {
  const run = tokeniser(club, [1, 2, 3, 4, 5, 6, 7, 8, 9], true);
  const states = await codebookItemStates(store, { run, item: 10 });
  expect(states.map(({ step, epoch }) => [step, epoch])).toEqual([
    [1, 2],
    [3, 6],
    [5, 10],
    [7, 14],
    [9, 18],
  ]);
  expect(states.map(({ codes }) => codes)).toEqual([
    [2, 1],
    [1, 1],
    [0, 1],
    [2, 1],
    [1, 1],
  ]);
  expect(states.every(({ sharing }) => sharing >= 2)).toBe(true);
  await expect(codebookItemStates(store, { run, item: 60 })).rejects.toThrow('there is no item 60');
});

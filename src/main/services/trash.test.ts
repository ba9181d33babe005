import { mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { addRun, temporaryStore } from '../../../test/store/home.ts';
import { describeStray } from '../../core/store/files/strays.ts';
import { listTrash } from './trash.ts';

vi.mock('../../core/store/files/strays.ts', { spy: true });

const FACTS = {
  title: 'x',
  model: null,
  readable: '',
  isWhole: false,
  from: '',
  state: '',
  trains: false,
  isMeasurable: false,
};

it('says of what was deleted which runs were trained on it, unless they are deleted too', async () => {
  const store = temporaryStore();
  const tokeniser = addRun(store, { name: 'own-ids' }).id;
  const other = addRun(store, { name: 'sasrec' }).id;
  const built = addRun(store, { name: 'tiger-a', config: { tokeniser } }).id;
  store.trash.put('run', [tokeniser, other]);
  const dependants = async () =>
    Object.fromEntries((await listTrash(store)).map(({ id, dependants }) => [id, dependants]));
  expect(await dependants()).toEqual({ [tokeniser]: 'tiger-a was trained on it', [other]: undefined });
  store.trash.put('run', [built]);
  expect((await dependants())[tokeniser]).toBeUndefined();
});

it('reads strays one a turn, so that others are answered meanwhile, and leaves out one that goes', async () => {
  const store = temporaryStore();
  const names = Array.from({ length: 20 }, (_, at) => `datasets/stray-${at}`);
  for (const name of names) mkdirSync(join(store.home, name), { recursive: true });
  let turn = 0;
  let next = setImmediate(function count() {
    turn++;
    next = setImmediate(count);
  });
  const turns: number[] = [];
  vi.mocked(describeStray).mockImplementation((home, path) => {
    turns.push(turn);
    if (turns.length === 1) rmdirSync(join(home, names[19]));
    return { ...FACTS, at: path === names[19] ? null : 1 };
  });
  const items = await listTrash(store);
  clearImmediate(next);
  expect(items.map(({ id }) => id).toSorted()).toEqual(names.slice(0, 19).toSorted());
  expect(new Set(turns).size).toBe(20);
});

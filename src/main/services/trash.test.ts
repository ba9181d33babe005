import { expect, it } from 'vitest';
import { addRun, temporaryStore } from '../../../test/store/home.ts';
import { listTrash } from './trash.ts';

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

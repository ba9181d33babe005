import { join } from 'node:path';
import { expect, test } from 'vitest';
import { addRun, completeRun, temporaryStore } from '../../../../test/store/home.ts';
import { exportAdapter } from './language-adapter.ts';

test('an adapter on a model with another adapter worked in is not written: its base is in no file', () => {
  const store = temporaryStore();
  const config = { weights: '/models/base', adapter: '/models/adapter', loraRank: 2 };
  const { id } = addRun(store, { model: 'brew', name: 'second', config });
  completeRun(store, id, {});
  expect(() => exportAdapter(store, id, join(store.home, 'out'))).toThrow(
    /changes \/models\/base with \/models\/adapter worked in, which PEFT does not have/,
  );
});

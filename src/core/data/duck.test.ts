import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryHome } from '../../../test/store/home.ts';
import { withDuck } from './duck.ts';

it('small files have one thread, and large ones as many as there are', async () => {
  const home = temporaryHome();
  const [small, large] = ['small', 'large'].map((name) => join(home, name));
  for (const path of [small, large]) writeFileSync(path, '');
  truncateSync(large, 2 ** 20);
  const threads = (reads?: string[]) =>
    withDuck((duck) => duck.row("SELECT current_setting('threads')::INTEGER AS threads"), { reads });
  expect(await threads([small, join(home, 'missing')])).toEqual({ threads: 1 });
  expect(await threads([small, large])).toEqual(await threads());
});

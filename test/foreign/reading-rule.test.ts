/** Every format by one rule: generated files, each with an oddity, against a reckoning of its own. */
import { beforeAll, expect, test } from 'vitest';
import { writeSample } from '../../src/core/data/sample/sample.ts';
import { importHome } from '../fixtures/imports.ts';
import { DAY, isWhole } from '../form.ts';
import type { HeldOut } from './listed-files.ts';
import { heldOutOf, misreading } from './read-listed.ts';

const FILES = isWhole ? 300 : 15;
const { home, write, imported } = importHome();
let sample: string;
let wide: string;
let heldOut: Record<'sample' | 'wide', HeldOut>;

beforeAll(async () => {
  const [path] = writeSample(home, { users: 80, items: 60 });
  sample = (await imported(path)).directory;
  // The same shape with ids of which doubles hold every second alone.
  const rows = Array.from({ length: 60 }, (_, user) =>
    Array.from({ length: 8 }, (_, at) => {
      const [id, item] = [2n ** 53n + BigInt(user), 2n ** 60n + BigInt((user * 7 + at * at) % 50)];
      return `${id},${item},${at}`;
    }),
  );
  const lines = ['user,item,timestamp', ...rows.flat()];
  wide = (await imported(write('wide.csv', lines))).directory;
  heldOut = { sample: await heldOutOf(sample), wide: await heldOutOf(wide) };
});

test('files of every format and oddity come to what their lists mean', async () => {
  const wrong: string[] = [];
  for (let file = 0; file < FILES; file++) {
    const problem = await misreading(sample, heldOut.sample, DAY * FILES + file);
    if (problem) wrong.push(problem);
  }
  expect(wrong).toEqual([]);
});

test('and so do those whose ids are beyond 2^53', async () => {
  const wrong: string[] = [];
  for (let file = 0; file < FILES / 2; file++) {
    const problem = await misreading(wide, heldOut.wide, DAY * FILES + file);
    if (problem) wrong.push(problem);
  }
  expect(wrong).toEqual([]);
});

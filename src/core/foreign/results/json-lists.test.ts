import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { jsonRows } from './json-lists.ts';

const folder = mkdtempSync(join(tmpdir(), 'tessera-lists-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, 'lists.json');

async function read(text: string, most?: number) {
  writeFileSync(file, text);
  const { rows, given } = jsonRows(file, file, {}, most);
  const all = [];
  for await (const row of rows) all.push(row);
  return { all, given: given() };
}

test('a document of JSON that is too long for a text is refused, and lines of any number are read', async () => {
  const lists = Object.fromEntries(Array.from({ length: 40 }, (_, user) => [`u${user}`, { i1: 2, i2: 1 }]));
  for (const text of [JSON.stringify(lists), JSON.stringify(lists, null, 2)]) {
    await expect(read(text, 500)).rejects.toThrow(
      `${file}: one JSON document of more than 0 MiB cannot be read; write a line of JSON for each user`,
    );
  }
  const lines = Object.keys(lists).map((user) => JSON.stringify({ user, items: ['i1', 'i2'] }));
  const { all, given } = await read(lines.join('\n'), 500);
  expect(all).toHaveLength(80);
  expect(given.columns).toEqual({ user: 'user', item: 'item', rank: 'rank' });
});

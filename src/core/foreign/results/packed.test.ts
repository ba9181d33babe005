import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { unpackJson } from './packed.ts';

const folder = mkdtempSync(join(tmpdir(), 'tessera-packed-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a document of JSON that is too long for a text is refused, and lines of any number are read', async () => {
  const [file, to] = [join(folder, 'lists.json'), join(folder, 'out.csv')];
  const lists = Object.fromEntries(Array.from({ length: 40 }, (_, user) => [`u${user}`, { i1: 2, i2: 1 }]));
  const unpack = (text: string) => {
    writeFileSync(file, text);
    return unpackJson(file, file, to, 500);
  };
  for (const text of [JSON.stringify(lists), JSON.stringify(lists, null, 2)]) {
    await expect(unpack(text)).rejects.toThrow(
      `${file}: one JSON document of more than 0 MiB cannot be read; write a line of JSON for each user`,
    );
  }
  const lines = Object.keys(lists).map((user) => JSON.stringify({ user, items: ['i1', 'i2'] }));
  expect(await unpack(lines.join('\n'))).toEqual(['user', 'item', 'rank']);
  expect(readFileSync(to, 'utf8').split('\n')).toHaveLength(82);
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { RoleMap } from './columns.ts';
import { jsonRows } from './json-lists.ts';

const folder = mkdtempSync(join(tmpdir(), 'tessera-lists-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, 'lists.json');

async function read(text: string, most?: number, map: RoleMap = {}) {
  writeFileSync(file, text);
  const { rows, given } = jsonRows(file, file, map, most);
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

test.each([
  ['{"who": 1, "found": ["i1"], "seen": ["i2"]}', { user: 'who' }, ['i1']],
  ['{"user": 1, "preds": ["i1"], "labels": ["i2"]}', {}, ['i1']],
  ['{"user": 1, "labels": ["i2"], "best": ["i1"]}', {}, ['i1']],
  ['{"user": 1, "items": ["i1"], "tags": ["a"], "score": 3}', {}, ['i1']],
  ['{"user": 1, "item": "i1", "score": 2, "tags": ["a"]}', {}, ['i1']],
  ['{"user": 1, "scores": {"i1": 0.5}}', {}, ['i1']],
  ['{"user": 1, "items": ["i3"], "predictions": ["i1"]}', { item: 'predictions' }, ['i1']],
  ['{"BPR": {"1": {"i1": 0.5}}, "kNN": {"1": ["i1"]}}', {}, null],
])('%s is read by its names', async (text, map, items) => {
  if (items === null) await expect(read(text, undefined, map)).rejects.toThrow(/list 2 has items alone/);
  else expect((await read(text, undefined, map)).all.map(({ item }) => item)).toEqual(items);
});

test.each([
  [
    '{"user": 1, "items": ["i1"], "predictions": ["i2"]}',
    /the lists "items" and "predictions"; .*--map item=items/,
  ],
  ['{"user": 1, "one": ["i1"], "two": ["i2"]}', /the lists "one" and "two"/],
  ['{"user": 1, "items": ["i1", "i2"], "scores": [1]}', /2 items and 1 scores/],
  ['{"user": 1, "history": ["i1"]}', /entry 1 has no list of recommendations/],
])('%s is refused', async (text, problem) => {
  await expect(read(text)).rejects.toThrow(problem);
});

test('a user with two lists is refused, unless they are of two models, or rows', async () => {
  const list = (more = '') => `{"user": 1, "items": ["i1"]${more}}`;
  await expect(read(`${list()}\n${list()}`)).rejects.toThrow(/user "1" has two lists/);
  expect((await read(`${list(', "model": "A"')}\n${list(', "model": "B"')}`)).all).toHaveLength(2);
  const row = (item: string) => `{"user": 1, "item": "${item}", "score": 1}`;
  expect((await read(`[${row('i1')}, ${row('i2')}]`)).all).toHaveLength(2);
});

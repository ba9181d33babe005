import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync, zipSync } from 'fflate';
import { afterAll, describe, expect, it } from 'vitest';
import { bundleBytes, isBundle, readBundle } from './bundle-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'tessera-bundle-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const bytesOf = (text: string) => new Uint8Array(Buffer.from(text));
const recipe = { schema: 'tessera-recipe-1', version: '1', datasets: [], runs: [], rows: [], others: [] };
const about = { title: 'Table 2', version: '1', left: [] };
const members = {
  'recipe.json': bytesOf(JSON.stringify(recipe)),
  'configs/über/a.json': bytesOf('{}'),
  'results/ranks.parquet': bytesOf('PAR1 stored as it is PAR1'),
};
const whole = bundleBytes(about, members);

function file(bytes: Uint8Array, name = 'b.zip'): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

/** The archive with other members: `change` gets those of a whole one. */
function rezipped(change: (members: Record<string, Uint8Array>) => void): Uint8Array {
  const unzipped = unzipSync(whole);
  change(unzipped);
  return zipSync(unzipped);
}

const listed = (change: (list: { schema: string; members: { name: string }[] }) => void) =>
  rezipped((all) => {
    const list = JSON.parse(Buffer.from(all['bundle.json']).toString());
    change(list);
    all['bundle.json'] = bytesOf(JSON.stringify(list));
  });

/** The archive with other bytes in place of a text, wherever that stands. */
function patched(from: string, to: string, bytes = whole): Uint8Array {
  const text = Buffer.from(bytes).toString('latin1');
  expect(text).toContain(from);
  return new Uint8Array(Buffer.from(text.replaceAll(from, to), 'latin1'));
}

/** What the directory at the end says that a member unpacks to. */
function saying(size: number, member = 'results/ranks.parquet'): Uint8Array {
  const bytes = Buffer.from(whole);
  const entry = bytes.lastIndexOf(member) - 46;
  expect(bytes.toString('latin1', entry, entry + 2)).toBe('PK');
  bytes.writeUInt32LE(size, entry + 24);
  return new Uint8Array(bytes);
}

describe('a bundle', () => {
  it('is the same bytes for the same members, and holds what was put into it', () => {
    expect(bundleBytes(about, members)).toEqual(whole);
    const path = file(whole);
    expect(isBundle(path)).toBe(true);
    expect(readBundle(path)).toMatchObject({ ...about, recipe, members: [{ name: 'recipe.json' }, {}, {}] });
  });

  it('has no member with a name that leads out of its folder', () => {
    for (const name of ['../a', '/a', 'a/../../b', 'a\\b', 'C:/a', 'a//b', 'a/', 'con.', 'a\u0000', ''])
      expect(() => bundleBytes(about, { [name]: bytesOf('x') })).toThrow('is no name of a member');
  });

  const hostile: [string, Uint8Array, RegExp][] = [
    ['a name that leads out', patched('configs/', '../../s/'), /holds a member of the name "\.\.\/\.\.\/s/],
    ['an absolute name', patched('configs/', '/onfigs/'), /holds a member of the name "\/onfigs/],
    [
      'two members of one name',
      patched(
        'x-b',
        'x-a',
        rezipped((all) => Object.assign(all, { 'x-a': bytesOf('1'), 'x-b': bytesOf('2') })),
      ),
      /holds "x-a" twice/,
    ],
    [
      'a newer version',
      listed((list) => (list.schema = 'tessera-bundle-2')),
      /newer version of Tessera .*: update Tessera$/,
    ],
    ['another list', listed((list) => (list.schema = 'x')), /has a damaged list of members \(schema\)/],
    [
      'a member that is missing',
      rezipped((all) => delete all['results/ranks.parquet']),
      /holds "results\/ranks\.parquet" damaged, or not at all/,
    ],
    [
      'no recipe',
      rezipped((all) => delete all['recipe.json']),
      /holds "recipe\.json" damaged, or not at all/,
    ],
    [
      'a member that nobody listed',
      rezipped((all) => (all['extra.exe'] = bytesOf('x'))),
      /holds "extra\.exe", which its list does not name/,
    ],
    [
      'another byte in a member',
      patched('stored as it is', 'stored as it IS'),
      /holds "results\/ranks\.parquet" damaged/,
    ],
    ['a member that says to be huge', saying(0xf0000000), /unpacks to 4,0\d\d,\d{3},\d{3} bytes/],
    ['a list too long for a text', saying(300_000_000, 'bundle.json'), /"bundle\.json" of 300,000,000 bytes/],
    ['a member that says to be larger than it is', saying(4000), /damaged/],
    ['no end', whole.subarray(0, whole.length - 30), /is damaged/],
    ['half of it', whole.subarray(0, whole.length / 2), /is damaged/],
  ];

  it.each(hostile)('is refused in one line with %s', (_, bytes, problem) => {
    const path = file(bytes, 'hostile.zip');
    let message = '';
    try {
      readBundle(path);
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).toMatch(problem);
    expect(message.startsWith(`${path}: `)).toBe(true);
    expect(message).not.toContain('\n');
  });

  it('is told from other archives and files', () => {
    expect(isBundle(file(zipSync({ 'a.txt': bytesOf('a') }), 'other.zip'))).toBe(false);
    expect(isBundle(file(bytesOf(''), 'empty.zip'))).toBe(false);
    expect(isBundle(folder)).toBe(false);
    expect(isBundle(join(folder, 'absent.zip'))).toBe(false);
  });
});

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { codesOf } from '../../../../test/fixtures/click-codes.ts';
import { importHome } from '../../../../test/fixtures/imports.ts';
import { readTexts } from '../columns.ts';
import { Duck, literal, pathLiteral, withDuck } from '../duck.ts';
import { previewImport } from '../import/preview.ts';
import { openInteractions } from '../read.ts';
import { openClicks } from './read.ts';

const SHARED = join(import.meta.dirname, '../../../../../shared/data/ctr');
const { home, write, imported } = importHome();

/** The values of a coded column in the order of their codes, from code 1 on. */
function vocabulary(directory: string, column: string): Promise<string[]> {
  const file = pathLiteral(join(directory, 'vocabulary.parquet'));
  return withDuck((duck) =>
    readTexts(duck, `SELECT value FROM ${file} WHERE "column" = ${literal(column)} ORDER BY code`),
  );
}

const ADVERTS = [
  'id,bought,price,colour,tags,user_id,product_id,when',
  '1,0,2.5,red,a|b,u1,p1,2020-01-01',
  '2,1,,blue,b,u2,p2,2020-01-02',
  '3,0,-1,red,,u1,p2,2020-01-03',
  '4,true,7,,c|a|c,u3,p1,2020-01-04',
];

describe('import of click logs', () => {
  it('codes values in the order they are seen, and keeps missing ones apart', async () => {
    const path = write('adverts.csv', ADVERTS);
    const { summary, directory } = await imported(path, {
      map: { label: 'bought', time: 'when', multi: 'tags', dense: 'price' },
    });
    expect(summary.clicks?.tasks).toEqual(['bought']);
    expect(summary.clicks?.positives).toEqual([2]);
    const table = await openClicks(directory);
    expect(Array.from(table.labels[0])).toEqual([0, 1, 0, 1]);
    expect([0, 1, 2, 3].map(table.dense[0].value)).toEqual([2.5, Number.NaN, -1, 7]);
    expect(codesOf(table, 'colour')).toEqual([[1], [2], [1], [0]]);
    expect(codesOf(table, 'tags')).toEqual([[1, 2], [2], [], [3, 1, 3]]);
    expect(await vocabulary(directory, 'tags')).toEqual(['a', 'b', 'c']);
    expect(Array.from(table.users ?? [])).toEqual([0, 1, 0, 2]);
    expect(Array.from(table.items ?? [])).toEqual([0, 1, 1, 0]);
    expect(table.times?.[1]).toBe(Date.parse('2020-01-02') / 1000);
    await expect(openInteractions(directory)).rejects.toThrow(/is a click log, which ranking models/);
  });

  it('takes roles of many columns by name and pattern, and shows them beforehand', async () => {
    const path = write('many.csv', ['label,x1,x2,c1,c2', '0,1,2,3,4', '1,2,3,4,5', '1,3,4,5,6']);
    const { kind, files, problem } = await previewImport([path], {
      map: { dense: 'x*+c1', ignore: 'c2' },
    });
    expect({ kind, problem }).toEqual({ kind: 'clicks', problem: null });
    expect(files[0].clicks).toEqual({ label: 'label', x1: 'dense', x2: 'dense', c1: 'dense', c2: 'ignore' });
    const exact = await previewImport([path], { map: { dense: 'x1', categorical: 'x*' } });
    expect(exact.files[0].clicks).toMatchObject({ x1: 'dense', x2: 'categorical' });
    const asked = await previewImport([path], { map: { dense: 'nothing' } }).catch(String);
    expect(asked).toMatch(/many\.csv:1: no column "nothing" for the role dense; its columns are label, x1/);
  });

  it("recognises Criteo's file without column names", async () => {
    const row = (label: number, at: number) =>
      [label, ...Array(13).fill(at), ...Array(26).fill(`0000000${at}`)].join('\t');
    const path = write('train.txt', [row(0, 1), row(1, 2), row(0, 3).replace('\t3', '\t')]);
    const { summary } = await imported(path);
    const roles = summary.clicks?.columns.map(({ name, role }) => `${name} ${role}`) ?? [];
    expect(roles).toContain('I13 dense');
    expect(roles).toContain('C26 categorical');
    expect(summary.clicks?.columns.find(({ name }) => name === 'I1')?.missing).toBe(1);
  });

  it.each([
    [
      'labels.csv',
      ['label,x', '0,a', '2,b', '1,c'],
      /labels\.csv:3: label label "2" is neither 0 nor 1/,
      'label',
    ],
    [
      'same.csv',
      ['click,x', '1,a', '1,b', '1,a'],
      /the label click is 1 in every row, so there is nothing/,
      '',
    ],
    ['number.csv', ['click,x', '1,1.5', '0,many', '0,2'], /number\.csv:3: x "many" is not a number/, 'dense'],
    ['nothing.csv', ['a,b', '1,2', '0,3'], /no label column among a, b; name it with --map label=COLUMN/, ''],
    ['alone.csv', ['click', '1', '0'], /no column/, ''],
  ])('refuses %s in one line and leaves nothing', async (name, lines, message, role) => {
    const before = readdirSync(join(home, 'datasets')).length;
    const column = role === 'label' ? 'label' : 'x';
    const map = role === '' ? {} : { [role]: column };
    const failure = imported(write(name, lines), { kind: 'clicks', map });
    await expect(failure).rejects.toThrow(message);
    expect(readdirSync(join(home, 'datasets')).length).toBe(before);
  });

  it('skips bad rows when asked, leaves empty columns out and says so', async () => {
    const path = write('empty.csv', ['label,x,y', '0,a,', 'maybe,b,', '1,c,']);
    const { summary } = await imported(path, { skipBadRows: true, map: { label: 'label' } });
    expect(summary.badRows).toBe(1);
    expect(summary.badRowExamples?.[0]).toMatch(/empty\.csv:3: label label "maybe"/);
    expect(summary.clicks).toMatchObject({ rows: 2, leftOut: ['y: no row has a value'] });
  });

  it('names what is wrong with a value as an import of interactions does', async () => {
    const good = ['0,1e9,a,1.5', '1,1e9,b,2'];
    const lines = ['label,time,x,n', ...good, '1,1e30,b,2.5', '1,soon,c,3', '0,2e9,d,0x10'];
    const map = { label: 'label', time: 'time', dense: 'n' };
    const path = write('odd.csv', lines);
    const { summary } = await imported(path, { skipBadRows: true, kind: 'clicks', map });
    expect(summary.badRowExamples).toEqual([
      `${path}:4: time "1e30" is beyond the year 9999 in seconds`,
      `${path}:5: time "soon" is not a number`,
      `${path}:6: n "0x10" is not a number`,
    ]);
  });

  it('takes a column with 10⁶ different values, a bad row among them', async () => {
    const lines = Array.from({ length: 1_000_000 }, (_, at) => `${at & 1},v${at}`);
    lines.splice(500_000, 0, 'perhaps,v3');
    const path = write('million.csv', ['label,x', ...lines]);
    const { summary, directory } = await imported(path, { skipBadRows: true, map: { label: 'label' } });
    expect(summary.clicks?.columns[1]).toMatchObject({ role: 'categorical', distinct: 1_000_000 });
    const { features, labels } = await openClicks(directory);
    const codes = new Int32Array(1_000_000);
    for (let row = 0; row < codes.length; row++) features[0].read(row, codes, row);
    expect(codes.every((code, row) => code === row + 1 && labels[0][row] === (row & 1))).toBe(true);
  });
});

describe.skipIf(!existsSync(SHARED))('public samples (skipped where ../shared/data is absent)', () => {
  it('puts every column of Criteo, Avazu and frappe in its role', async () => {
    const rolesOf = async (name: string, kind: 'auto' | 'clicks' = 'auto') => {
      const { files } = await previewImport([join(SHARED, name)], { kind });
      const counts: Record<string, string[]> = {};
      for (const [column, role] of Object.entries(files[0].clicks ?? {})) {
        counts[role] = [...(counts[role] ?? []), column];
      }
      return counts;
    };
    const criteo = await rolesOf('criteo_sample.csv');
    expect(criteo.label).toEqual(['label']);
    expect(criteo.dense).toEqual(Array.from({ length: 13 }, (_, at) => `I${at + 1}`));
    expect(criteo.categorical).toEqual(Array.from({ length: 26 }, (_, at) => `C${at + 1}`));
    const avazu = await rolesOf('avazu_sample.csv');
    expect([avazu.label, avazu.time, avazu.ignore, avazu.dense]).toEqual([
      ['click'],
      ['hour'],
      ['id'],
      undefined,
    ]);
    expect(avazu.categorical).toHaveLength(21);
    const frappe = await rolesOf('frappe.csv', 'clicks');
    expect([frappe.user, frappe.item, frappe.ignore]).toEqual([['user'], ['item'], ['cnt']]);
    expect(frappe.categorical).toHaveLength(8);
  });
});

it('a wide log takes few statements a column, and one line where it is too wide', async () => {
  const columns = (count: number) => Array.from({ length: count }, (_, at) => `f${at}`);
  const log = (name: string, count: number) =>
    write(name, [
      ['label', 'user', 'item', ...columns(count)].join(','),
      ...Array.from({ length: 60 }, (_, row) =>
        [
          row % 2,
          `u${row % 9}`,
          `i${row % 7}`,
          ...columns(count).map((_, at) => (at % 2 ? (row * at) % 5 : `c${row % 4}`)),
        ].join(','),
      ),
    ]);
  const run = vi.spyOn(Duck.prototype, 'run');
  const { summary } = await imported(log('wide.csv', 400));
  const statements = run.mock.calls.length;
  run.mockRestore();
  expect(summary.clicks?.columns).toHaveLength(403);
  // Coded columns have a type of their values and are read for the fingerprint; nothing else is asked column by column.
  const coded = summary.clicks?.columns.filter(({ distinct }) => distinct !== undefined) ?? [];
  expect(statements).toBeLessThan(2 * coded.length + 60);
  await expect(imported(log('wider.csv', 2000))).rejects.toThrow(
    /wider\.csv:1: 2003 columns; a click log may have 2000; leave some out with --map ignore=/,
  );
});

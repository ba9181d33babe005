import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryHome } from '../../../../test/store/home.ts';
import { withDuck } from '../duck.ts';
import { importOverridesSchema, parseImportInput } from '../import/request.ts';
import { withEvenLines } from './even-lines.ts';
import { sniffFile } from './sniff.ts';
import { sourceSql } from './source-sql.ts';

it('reads rows that end in another way than their header, and what is in quotes as it is', async () => {
  const folder = temporaryHome();
  const path = join(folder, 'rows.csv');
  const target = join(folder, 'even');
  const rowsOf = async (text: string) => {
    writeFileSync(path, text);
    const file = await sniffFile(path, parseImportInput(importOverridesSchema, {}));
    return withEvenLines(file, path, target, (from) =>
      withDuck(async (duck) =>
        (await duck.run(`SELECT * FROM ${sourceSql(file, from, file.columns)}`)).getRows(),
      ),
    );
  };
  const rows = [
    ['1', 'a', '3'],
    ['2', 'two\nlines', '4'],
  ];
  expect(await rowsOf('user,item,rank\n1,a,3\r\n2,"two\nlines",4\r\n')).toEqual(rows);
  expect(readFileSync(target, 'utf8')).toBe('user,item,rank\n1,a,3\n2,"two\nlines",4\n');
  expect(await rowsOf('user,item,rank\r\n1,a,3\n2,"two\nlines",4')).toEqual(rows);
  expect(await rowsOf('\ufeffuser,item,rank\n1,a,3\r\n2,"two\nlines",4\r\n')).toEqual(rows);
  // What is wrong otherwise stays so.
  await expect(rowsOf('user,item,rank\n1,a,3\r\n2,a,3,4,5\r\n')).rejects.toThrow();
});

import { expect, test } from 'vitest';
import { tableText } from './table-text.ts';

test('a program can read the numbers of a copied table, and a spreadsheet takes no cell for a formula', () => {
  const table = { head: ['Run', 'Δ'], rows: [['=1+1', '−0.0030']], numeric: new Set([1]) };
  expect(tableText(table, 'csv')).toBe("Run,Δ\r\n'=1+1,-0.0030\r\n");
  expect(tableText(table, 'latex')).toContain('=1+1 & $-$0.0030');
  expect(tableText(table, 'markdown')).toContain('| =1+1 | −0.0030 |');
});

/** docs/reading.md names files that are there, of about the lengths it states, and config keys that models have. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findModel } from '../../src/core/families/registry.ts';

const SOURCES = join(import.meta.dirname, '../../src');
const page = readFileSync(join(import.meta.dirname, '../../docs/reading.md'), 'utf8');

/** The cells of every row of the page's tables whose first cell holds code. */
const rows = [...page.matchAll(/^\| (`[^\n]*) \|$/gm)].map(([, row]) => row.split(' | '));
const files = rows.filter(([path]) => path.startsWith('`core/'));

/** Lines of a file, or of those files of a folder that a row names. */
function linesOf(path: string, named: string): number {
  const full = join(SOURCES, path);
  const parts = statSync(full).isDirectory()
    ? readdirSync(full).filter((file) => named.includes(`\`${file}\``))
    : [''];
  return parts.reduce((sum, part) => sum + readFileSync(join(full, part), 'utf8').split('\n').length - 1, 0);
}

describe('the page of readings', () => {
  it.each(files)('%s has about %s lines', (cell, lines, named) => {
    const path = cell.replaceAll('`', '');
    expect(existsSync(join(SOURCES, path)), path).toBe(true);
    expect(Math.abs(linesOf(path, named) - Number(lines)), `${path}: ${linesOf(path, named)}`).toBeLessThan(
      20,
    );
  });

  it.each([
    ['SASRec', 7, 10],
    ['TIGER', 14, 0],
    ['RQ-VAE', 9, 0],
  ])('asks for so many files of %s, and of its training', (model, alone, training) => {
    const section = page.split(/^## /m).find((part) => part.startsWith(model)) ?? '';
    const rowsOf = (part = '') => part.match(/^\| `core/gm)?.length ?? 0;
    expect(section.split('Its training: ').map(rowsOf)).toEqual(training ? [alone, training] : [alone]);
  });

  it('names config keys that the models have', () => {
    const named = rows.filter((cells) => cells.length === 3 && !cells[0].startsWith('`core/'));
    expect(named.length).toBeGreaterThan(15);
    for (const [, ours, models] of named) {
      const keys = [...ours.matchAll(/`(\w+)(?:=[\w-]+)?`/g)].map(([, key]) => key);
      for (const id of models.split(', ')) {
        expect(Object.keys(findModel(id).configSchema.shape), `${id}: ${keys}`).toEqual(
          expect.arrayContaining(keys),
        );
      }
    }
  });
});

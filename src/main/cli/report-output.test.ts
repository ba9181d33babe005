import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { readPdf } from '../../../test/figures/read-pdf.ts';
import type { FigureSpec } from '../../core/figures/spec.ts';
import type { CommandContext } from './context.ts';
import { putDocument } from './report-output.ts';

const folder = mkdtempSync(join(tmpdir(), 'tessera-report-'));
afterAll(() => rmSync(folder, { recursive: true }));

const spec: FigureSpec = {
  ...{ title: 'A line', description: 'A line', fileName: 'line', height: 100 },
  ...{ x: { kind: 'numbers', label: 'x' }, y: {} },
  series: [{ id: 'a', label: 'a', colour: 0, points: [1, 2].map((x) => ({ x, y: x })) }],
};

/** Writes a report with so many figures. */
async function write(out: string, figures: number): Promise<void> {
  const silent = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const shown = Array.from({ length: figures }, (_, at) => ({ caption: `Figure of ${at}`, spec }));
  const document = { stem: 'a', title: 'A', sections: [{ title: 'Figures', figures: shown }], data: {} };
  try {
    await putDocument(document, {}, { out }, { json: false } as CommandContext);
  } finally {
    silent.mockRestore();
  }
}

it('a report in a folder takes the place of the one before it, and leaves what is not its own', async () => {
  const out = join(folder, 'report/');
  await write(out, 3);
  for (const name of ['notes.txt', 'figure-mine.svg']) writeFileSync(join(out, name), 'mine');
  expect(readdirSync(out)).toContain('figure-3.svg');
  await write(out, 1);
  expect(readdirSync(out).toSorted()).toEqual([
    ...['figure-1.svg', 'figure-mine.svg', 'index.html', 'notes.txt', 'results.csv'],
  ]);
});

it.each(['index.html', 'figure-1.svg', 'results.csv'])(
  'a report in a folder refuses to write over a %s of something else',
  async (name) => {
    const out = join(folder, `with-${name}/`);
    mkdirSync(out);
    writeFileSync(join(out, name), 'mine');
    await expect(write(out, 1)).rejects.toThrow(`${name}: is there, and is of no report of Tessera`);
    expect(readdirSync(out)).toEqual([name]);
    expect(readFileSync(join(out, name), 'utf8')).toBe('mine');
  },
);

it('a folder that is a file, or cannot be made in one, is refused in words', async () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  await expect(write(`${file}/`, 0)).rejects.toThrow(`${file}/: is a file; name a folder with --out`);
  const reason = process.platform === 'win32' ? 'ENOENT' : 'a file is in its way';
  await expect(write(`${file}/in/`, 0)).rejects.toThrow(`${file}/in/: cannot be made (${reason})`);
});

it('all figures of a report become the pages of one PDF, and a report without any is refused', async () => {
  const file = join(folder, 'figures.pdf');
  await write(file, 3);
  const { pages, title } = readPdf(readFileSync(file, 'latin1'));
  expect([title, pages.map(({ texts }) => texts[0])]).toEqual([
    'A',
    ['Figure of 0', 'Figure of 1', 'Figure of 2'],
  ]);
  await expect(write(join(folder, 'none.pdf'), 0)).rejects.toThrow('there is no figure in it');
});

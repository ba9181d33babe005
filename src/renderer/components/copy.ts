import { countText } from '../format/format.ts';
import { shell } from '../shell/window-shell.ts';
import { notify } from '../state/toasts.ts';
import type { Column } from './columns.ts';
import type { MenuChoice } from './Menu.tsx';
import { type TableFormat, tableText } from './table-text.ts';

const FORMATS: [TableFormat, string][] = [
  ['csv', 'CSV'],
  ['markdown', 'Markdown'],
  ['latex', 'LaTeX'],
];

/** Menu entries that copy rows as they are shown, in three formats. `rows` is asked when one is chosen. */
export function copyChoices<Row>(
  columns: readonly Column<Row>[],
  rows: () => readonly Row[] | Promise<readonly Row[]>,
): MenuChoice[] {
  return FORMATS.map(([format, name]) => ({
    label: `Copy as ${name}`,
    perform: () => copyRows(columns, rows, format, name),
  }));
}

async function copyRows<Row>(
  columns: readonly Column<Row>[],
  rows: () => readonly Row[] | Promise<readonly Row[]>,
  format: TableFormat,
  name: string,
): Promise<void> {
  const chosen = await rows();
  const text = tableText(
    {
      head: columns.map(({ title }) => title),
      rows: chosen.map((row) => columns.map((column) => column.text(row))),
      numeric: new Set(columns.flatMap((column, at) => (column.numeric ? [at] : []))),
    },
    format,
  );
  await copyText(text, `Copied ${countText(chosen.length, 'row')} as ${name}`);
}

export async function copyText(text: string, done: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    notify({ level: 'info', title: done });
  } catch {
    notify({
      level: 'error',
      title: 'The clipboard cannot be written',
      text: 'Allow it for this page and try again.',
    });
  }
}

/** Gives the user a file and says where it went. */
export async function saveFile(name: string, content: Blob): Promise<void> {
  const path = await shell.saveFile(name, content);
  if (path !== null) notify({ level: 'info', title: `Saved ${path}` });
}

import { countText } from '../format/format.ts';
import { attempt } from '../state/toasts.ts';
import { Button } from './Button.tsx';
import type { Column } from './columns.ts';
import { copyText } from './copy.ts';
import { Menu, type MenuChoice } from './Menu.tsx';
import { type TableFormat, tableText } from './table-text.ts';

const FORMATS: Record<TableFormat, string> = { csv: 'CSV', markdown: 'Markdown', latex: 'LaTeX' };

export interface CopyMenuProps<Row> {
  /** What is copied: "items". Beside its title only "Copy" is seen, and this is told. */
  what: string;
  /** A button with a frame and all its words, as in toolbars. */
  framed?: boolean;
  columns: readonly Column<Row>[];
  /** Called when a format is chosen. */
  rows(): readonly Row[] | Promise<readonly Row[]>;
  /** Behind the formats of the table. */
  more?: readonly MenuChoice[];
}

/** The button that copies a table's rows, as they are shown or as data. */
export function CopyMenu<Row>({ what, framed, columns, rows, more = [] }: CopyMenuProps<Row>) {
  const words = `Copy ${what}`;
  const trigger = framed ? (
    <Button>{words}</Button>
  ) : (
    <Button kind="quiet" aria-label={words} title={words}>
      Copy
    </Button>
  );
  const choice = (format: TableFormat) => ({
    label: `Copy as ${FORMATS[format]}`,
    perform: () =>
      void attempt(`Could not copy ${what}`, async () => {
        const chosen = await rows();
        const done = `Copied ${countText(chosen.length, 'row')} as ${FORMATS[format]}`;
        await copyText(tableText(columns, chosen, format), done);
      }),
  });
  return <Menu trigger={trigger} choices={[choice('csv'), choice('markdown'), choice('latex'), ...more]} />;
}

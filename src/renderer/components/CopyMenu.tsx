import { Button } from './Button.tsx';
import type { Column } from './columns.ts';
import { copyChoices } from './copy.ts';
import { Menu } from './Menu.tsx';

export interface CopyMenuProps<Row> {
  /** What is copied, where "Copy" alone does not tell. */
  label?: string;
  columns: readonly Column<Row>[];
  /** Asked when a format is chosen. */
  rows(): readonly Row[] | Promise<readonly Row[]>;
}

/** The button that copies a table's rows as they are shown. */
export function CopyMenu<Row>({ label, columns, rows }: CopyMenuProps<Row>) {
  return (
    <Menu
      trigger={
        <Button kind="quiet" aria-label={label}>
          Copy
        </Button>
      }
      choices={copyChoices(columns, rows)}
    />
  );
}

import { Button } from './Button.tsx';
import type { Column } from './columns.ts';
import { copyChoices } from './copy.ts';
import { Menu, type MenuChoice } from './Menu.tsx';

export interface CopyMenuProps<Row> {
  /** What is copied: "items". Beside its title only "Copy" is seen, and this is told. */
  what: string;
  /** A button with a frame and all its words, as in toolbars. */
  framed?: boolean;
  disabled?: boolean;
  columns: readonly Column<Row>[];
  /** Called when a format is chosen. */
  rows(): readonly Row[] | Promise<readonly Row[]>;
  /** Behind the formats of the table. */
  more?: readonly MenuChoice[];
}

/** The button that copies a table's rows as they are shown. */
export function CopyMenu<Row>({ what, framed, disabled, columns, rows, more = [] }: CopyMenuProps<Row>) {
  const words = `Copy ${what}`;
  const trigger = framed ? (
    <Button disabled={disabled}>{words}</Button>
  ) : (
    <Button kind="quiet" aria-label={words} title={words} disabled={disabled}>
      Copy
    </Button>
  );
  return <Menu trigger={trigger} choices={[...copyChoices(columns, rows), ...more]} />;
}

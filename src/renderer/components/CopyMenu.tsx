import { Button } from './Button.tsx';
import type { Column } from './columns.ts';
import { copyChoices } from './copy.ts';
import { Menu } from './Menu.tsx';

export interface CopyMenuProps<Row> {
  /** What is copied, for screen readers, where "Copy" alone does not say it. */
  label?: string;
  /** On the button. Default: "Copy". */
  text?: string;
  /** A button with a frame, as in toolbars. */
  framed?: boolean;
  disabled?: boolean;
  columns: readonly Column<Row>[];
  /** Called when a format is chosen. */
  rows(): readonly Row[] | Promise<readonly Row[]>;
}

/** The button that copies a table's rows as they are shown. */
export function CopyMenu<Row>(props: CopyMenuProps<Row>) {
  const { label, text = 'Copy', framed, disabled, columns, rows } = props;
  const trigger = (
    <Button kind={framed ? 'normal' : 'quiet'} aria-label={label} disabled={disabled}>
      {text}
    </Button>
  );
  return <Menu trigger={trigger} choices={copyChoices(columns, rows)} />;
}

import { ChevronRight } from 'lucide-react';
import { type MouseEvent, memo } from 'react';
import { grouped } from '../format/format.ts';
import { Icon } from './Button.tsx';
import type { Section } from './columns.ts';
import type { DrawnColumn } from './columns-in-sight.ts';
import { type BoxState, RowBox } from './RowBox.tsx';
import { TableCell } from './TableCell.tsx';

interface TableRowProps<Row> {
  id: string;
  index: number;
  /** Pixels from the top of the body; null where it flows. */
  start: number | null;
  /** Undefined while it is not loaded, and for a heading. */
  data: Row | undefined;
  heading: Section | undefined;
  /** Of the heading's box; undefined for none. */
  headingChecked: BoxState | undefined;
  /** Whether what is below it is shown; undefined where there is nothing. */
  expanded: boolean | undefined;
  /** From 1, in a tree. */
  level: number | undefined;
  /** It belongs to an open row. */
  nested: boolean;
  selected: boolean;
  active: boolean;
  shown: readonly DrawnColumn<Row>[];
  /** Of columns, drawn or not. */
  span: number;
  onClick(event: MouseEvent, index: number): void;
  onOpen(index: number): void;
  onToggle(index: number): void;
  onMenu(index: number): void;
}

/** A row, or the heading that stands in its place. Drawn again only where something of it has changed. */
export const TableRow = memo(PlainRow, isSame) as typeof PlainRow;

/** Headings are new objects on every render, so their text is compared. */
function isSame<Row>(before: TableRowProps<Row>, after: TableRowProps<Row>): boolean {
  const { heading: a, ...one } = before;
  const { heading: b, ...other } = after;
  const keys = Object.keys(one) as (keyof typeof one)[];
  const sameHeading =
    a?.label === b?.label && a?.count === b?.count && a?.detail === b?.detail && a?.open === b?.open;
  return sameHeading && keys.every((key) => Object.is(one[key], other[key]));
}

function PlainRow<Row>(props: TableRowProps<Row>) {
  const { id, index, start, data, heading, expanded, level, nested, selected, active, shown } = props;
  const flows = start === null;
  return (
    <tr
      id={id}
      className={flows ? undefined : 'table-row flex wide line-below'}
      aria-rowindex={flows ? undefined : index + 2}
      aria-selected={heading || flows ? undefined : selected}
      aria-expanded={heading?.open ?? expanded}
      aria-level={heading && level ? 1 : level}
      data-active={active}
      data-waiting={(!heading && data === undefined) || undefined}
      style={flows ? undefined : { transform: `translateY(${start}px)` }}
      onClick={(event) => props.onClick(event, index)}
      onDoubleClick={() => props.onOpen(index)}
      onContextMenu={() => props.onMenu(index)}
    >
      {heading && <SectionCell section={heading} checked={props.headingChecked} span={props.span} />}
      {(heading ? [] : shown).map(({ column, width, left, grows, at, gap, waits }) => (
        <TableCell
          key={column.id}
          {...{ column, width, left, grows, at, gap, data, flows }}
          waits={data !== undefined && (waits?.(data) ?? false)}
          selected={selected && column.render !== undefined}
          mark={
            column.tree &&
            level !== undefined && (
              <TreeMark expanded={expanded} nested={nested} onToggle={() => props.onToggle(index)} />
            )
          }
        />
      ))}
    </tr>
  );
}

/** The arrow of a row that opens; as wide where there is none, so that names stand below each other. */
function TreeMark(props: { expanded: boolean | undefined; nested: boolean; onToggle(): void }) {
  const { expanded, nested, onToggle } = props;
  if (expanded === undefined) return <span className="table-tree-mark bare" data-nested={nested} />;
  return (
    <button
      type="button"
      className="table-tree-mark table-section-mark rigid muted bare"
      tabIndex={-1}
      aria-label={expanded ? 'Close' : 'Open'}
      data-open={expanded}
      onClick={(event) => {
        event.stopPropagation();
        onToggle();
      }}
      onDoubleClick={(event) => event.stopPropagation()}
    >
      <Icon of={ChevronRight} />
    </button>
  );
}

interface SectionCellProps {
  section: Section;
  checked: BoxState | undefined;
  span: number;
}

function SectionCell({ section, checked, span }: SectionCellProps) {
  return (
    <td className="table-section row wide line-below surface" colSpan={span}>
      {checked !== undefined && <RowBox label={`Select all of ${section.label}`} state={checked} />}
      <span className="table-section-mark rigid muted" data-open={section.open}>
        <Icon of={ChevronRight} />
      </span>
      <strong>{section.label}</strong>
      <span className="muted">{grouped(section.count)}</span>
      {section.detail && <span className="table-section-detail small muted">{section.detail}</span>}
    </td>
  );
}

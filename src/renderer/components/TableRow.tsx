import { ChevronRight } from 'lucide-react';
import { type MouseEvent, memo } from 'react';
import type { Column, Section } from './columns.ts';
import { Icon } from './Icon.tsx';

interface TableRowProps<Row> {
  id: string;
  index: number;
  /** Pixels from the top of the body. */
  start: number;
  /** Undefined while it is not loaded, and for a heading. */
  data: Row | undefined;
  heading: Section | undefined;
  /** Whether what is below it is shown; undefined where there is nothing. */
  expanded: boolean | undefined;
  /** From 1, in a tree. */
  level: number | undefined;
  /** It belongs to an open row. */
  nested: boolean;
  selected: boolean;
  active: boolean;
  shown: readonly { column: Column<Row>; width: number; left: number | null; grows: boolean }[];
  onClick(event: MouseEvent, index: number): void;
  onOpen(index: number): void;
  onToggle(index: number): void;
}

/** A row, or the heading that stands in its place. Drawn again only where something of it has changed. */
export const TableRow = memo(PlainRow) as typeof PlainRow;

function PlainRow<Row>(props: TableRowProps<Row>) {
  const { id, index, start, data, heading, expanded, level, nested, selected, active, shown } = props;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid has the keyboard
    <div
      id={id}
      className="table-row"
      role="row"
      aria-rowindex={index + 2}
      aria-selected={heading ? undefined : selected}
      aria-expanded={heading?.open ?? expanded}
      aria-level={heading && level ? 1 : level}
      data-active={active}
      style={{ transform: `translateY(${start}px)` }}
      onClick={(event) => props.onClick(event, index)}
      onDoubleClick={() => props.onOpen(index)}
    >
      {heading && <SectionCell section={heading} span={shown.length} />}
      {(heading ? [] : shown).map(({ column, width, left, grows }) => (
        <div
          key={column.id}
          className="table-cell clip"
          role="gridcell"
          data-align={column.numeric ? 'end' : undefined}
          title={data === undefined ? undefined : column.text(data)}
          data-pinned={left !== null || undefined}
          data-grows={grows || undefined}
          style={{ width, left: left ?? undefined, background: data && column.background?.(data) }}
        >
          {column.tree && level !== undefined && (
            <TreeMark expanded={expanded} nested={nested} onToggle={() => props.onToggle(index)} />
          )}
          {data === undefined ? '' : (column.render?.(data, selected) ?? column.text(data))}
        </div>
      ))}
    </div>
  );
}

/** The arrow of a row that opens; as wide where there is none, so that names stand below each other. */
function TreeMark(props: { expanded: boolean | undefined; nested: boolean; onToggle(): void }) {
  const { expanded, nested, onToggle } = props;
  if (expanded === undefined) return <span className="table-tree-mark" data-nested={nested} />;
  return (
    <button
      type="button"
      className="table-tree-mark table-section-mark"
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

function SectionCell({ section, span }: { section: Section; span: number }) {
  return (
    <div className="table-section" role="gridcell" aria-colspan={span}>
      <span className="table-section-mark" data-open={section.open}>
        <Icon of={ChevronRight} />
      </span>
      <strong>{section.label}</strong>
      <span className="muted">{section.detail}</span>
    </div>
  );
}

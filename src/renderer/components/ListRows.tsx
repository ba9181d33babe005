import type { ReactNode } from 'react';

export interface ListRow {
  id: string;
  content: ReactNode;
}

export interface RowGroup<Row extends ListRow> {
  /** Empty for a list without headings. */
  title: string;
  /** What its rows have in common. */
  phrase?: string;
  rows: readonly Row[];
}

interface ListRowsProps<Row extends ListRow> {
  /** Of the list; its options are `${id}-0` and so on. */
  id: string;
  label: string;
  groups: readonly RowGroup<Row>[];
  /** Place of the row that Enter takes, among all. */
  at: number;
  /** Whether a row is chosen. Default: the one at the place. */
  isChosen?(row: Row): boolean;
  /** A box before each row: any number can be chosen. */
  several?: boolean;
  onPoint(at: number): void;
  onChoose(row: Row): void;
}

/** Rows under headings, for a field that keeps the focus. */
export function ListRows<Row extends ListRow>(props: ListRowsProps<Row>) {
  const { id, label, groups, at, isChosen, several = false, onPoint, onChoose } = props;
  const rows = groups.flatMap((group) => group.rows);
  return (
    <div
      id={id}
      className="list-rows grow fill scrolls"
      role="listbox"
      aria-label={label}
      aria-multiselectable={several}
      tabIndex={-1}
    >
      {groups.map(({ title, phrase, rows: members }) => (
        // biome-ignore lint/a11y/useSemanticElements: a list box has groups, not field sets
        <div key={title} role="group" aria-label={title || label}>
          {title !== '' && (
            <p className="list-heading small muted" aria-hidden="true">
              {title} <span>{phrase}</span>
            </p>
          )}
          {members.map((row) => {
            const place = rows.indexOf(row);
            const chosen = isChosen?.(row) ?? place === at;
            return (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the keyboard
              <div
                key={row.id}
                id={`${id}-${place}`}
                className="list-row row"
                role="option"
                tabIndex={-1}
                aria-selected={chosen}
                data-active={place === at || undefined}
                ref={(element) => {
                  if (place === at) element?.scrollIntoView({ block: 'nearest' });
                }}
                onPointerMove={() => onPoint(place)}
                onPointerDown={(event) => event.preventDefault()}
                onClick={() => onChoose(row)}
              >
                {several && (
                  <i className="list-check" data-checked={chosen || undefined} aria-hidden="true" />
                )}
                {row.content}
              </div>
            );
          })}
        </div>
      ))}
      {rows.length === 0 && <p className="list-heading small muted">Nothing matches</p>}
    </div>
  );
}

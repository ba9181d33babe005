import { type KeyboardEvent, useLayoutEffect, useRef, useState } from 'react';
import type { RunTableFields } from '../../../core/api/runs.ts';
import { Button } from '../../components/Button.tsx';
import { CheckField, SearchField } from '../../components/controls.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { MoveButtons } from '../../components/MoveButtons.tsx';
import { columnFields, fieldTitle } from '../../runs/table/fields.ts';

interface ColumnsDialogProps {
  columns: readonly string[];
  fields: RunTableFields | undefined;
  /** Null for those that fit the runs. */
  onChange(columns: string[] | null): void;
  onClose(): void;
}

/** Which columns the table has, and in what order; changes show at once. */
export function ColumnsDialog({ columns, fields, onChange, onClose }: ColumnsDialogProps) {
  const [search, setSearch] = useState('');
  const roving = useRovingFocus<HTMLDivElement>();
  const matches = (field: string) => fieldTitle(field).toLowerCase().includes(search.trim().toLowerCase());
  const groups = columnFields(fields)
    .map(({ title, fields: members }) => ({ title, fields: members.filter(matches) }))
    .filter(({ fields: members }) => members.length > 0);
  const toggle = (field: string) => {
    const next = columns.includes(field) ? columns.filter((other) => other !== field) : [...columns, field];
    if (next.length > 0) onChange(next);
  };
  return (
    <Dialog
      title="Columns"
      width={680}
      onClose={onClose}
      foot={
        <>
          <Button onClick={() => onChange(null)}>Default columns</Button>
          <Button kind="primary" onClick={onClose}>
            Done
          </Button>
        </>
      }
    >
      <div className="grid gap-6" style={{ gridTemplateColumns: '1fr 1fr' }}>
        <div className="stack">
          <SearchField label="Search fields" placeholder="Search fields" value={search} onValue={setSearch} />
          <div className="columns-list scrolls" {...roving}>
            {groups.map(({ title, fields: members }) => (
              <fieldset key={title} className="columns-group grid">
                <legend className="muted">{title}</legend>
                {members.map((field) => (
                  <CheckField
                    key={field}
                    label={fieldTitle(field)}
                    value={columns.includes(field)}
                    onValue={() => toggle(field)}
                  />
                ))}
              </fieldset>
            ))}
          </div>
        </div>
        <ColumnOrder columns={columns} onChange={onChange} />
      </div>
    </Dialog>
  );
}

/** The chosen columns; Alt with an arrow key moves the one in focus. */
function ColumnOrder({
  columns,
  onChange,
}: {
  columns: readonly string[];
  onChange(columns: string[]): void;
}) {
  const roving = useRovingFocus<HTMLOListElement>(2);
  const move = (field: string, to: number) =>
    onChange(columns.filter((other) => other !== field).toSpliced(to, 0, field));
  return (
    <div className="stack">
      <p className="muted">Reorder with Alt and the arrow keys, or drag the column headers.</p>
      <ol className="columns-list scrolls" aria-label="Order of the columns" {...roving}>
        {columns.map((field, at) => (
          <li key={field} className="grid middle line-below" style={{ gridTemplateColumns: '1fr auto auto' }}>
            <span>{fieldTitle(field)}</span>
            <MoveButtons
              name={fieldTitle(field)}
              at={at}
              last={columns.length - 1}
              onMove={(to) => move(field, to)}
            />
          </li>
        ))}
      </ol>
    </div>
  );
}

/**
 * Many controls as one stop of the tab key: arrow keys, Home and End move among them, and the tab key comes back to the
 * one that was left. `across` of them stand side by side.
 */
function useRovingFocus<Box extends HTMLElement>(across = 1) {
  const box = useRef<Box>(null);
  const current = useRef<HTMLElement>(null);
  const controls = () => [...(box.current?.querySelectorAll<HTMLElement>('button, input') ?? [])];
  const stopAt = (all: readonly HTMLElement[], chosen: HTMLElement | undefined) => {
    current.current = chosen ?? null;
    for (const control of all) control.tabIndex = control === chosen ? 0 : -1;
  };
  useLayoutEffect(() => {
    const all = controls();
    stopAt(all, all.find((control) => control === current.current) ?? all[0]);
  });
  return {
    ref: box,
    onFocus: ({ target }: { target: HTMLElement }) => stopAt(controls(), target),
    onKeyDown: (event: KeyboardEvent<HTMLElement>) => {
      if (event.altKey || event.ctrlKey || event.metaKey || event.defaultPrevented) return;
      const all = controls();
      const at = all.indexOf(event.target as HTMLElement);
      const to: Record<string, number | undefined> = {
        ArrowDown: at + across,
        ArrowUp: at - across,
        ArrowRight: across > 1 ? at + 1 : undefined,
        ArrowLeft: across > 1 ? at - 1 : undefined,
        Home: 0,
        End: all.length - 1,
      };
      const next = to[event.key];
      if (at < 0 || next === undefined) return;
      event.preventDefault();
      all[next]?.focus();
    },
  };
}

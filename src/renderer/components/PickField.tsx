import { ChevronDown } from 'lucide-react';
import { Popover } from 'radix-ui';
import { type KeyboardEvent, type ReactNode, useId, useRef, useState } from 'react';
import { hasWords } from '../format/format.ts';
import { meantWords } from '../format/meant.ts';
import { useLayer } from '../state/layers.ts';
import { Icon } from './Button.tsx';
import { type ListRow, ListRows, type RowGroup } from './ListRows.tsx';
import { listStep } from './list-keys.ts';

export interface PickRow extends ListRow {
  /** What it is called, and found by. */
  name: string;
  /** More words that it is found by. */
  keywords?: string;
}

export interface PickFieldProps {
  label: string;
  /** Beside the label. */
  aside?: ReactNode;
  groups: readonly RowGroup<PickRow>[];
  chosen: readonly string[];
  /** Any number can be chosen, else exactly one. */
  several?: boolean;
  placeholder: string;
  /** What is chosen, before the place to search. */
  children?: ReactNode;
  head?: ReactNode;
  foot?: ReactNode;
  onChosen(chosen: string[]): void;
}

/** What is open, typed and pointed at in the list, and what the keys do. */
function usePicking({ groups, chosen, several = false, onChosen }: PickFieldProps) {
  const [open, setOpen] = useState(false);
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  /** Whether Space chooses: what is typed may have spaces. */
  const [moved, setMoved] = useState(false);
  const matching = (typed: string) =>
    groups
      .map((group) => ({
        ...group,
        rows: group.rows.filter(({ name, keywords = '' }) => hasWords(`${name} ${keywords}`, typed.trim())),
      }))
      .filter(({ rows }) => rows.length > 0);
  const found = (typed: string) => {
    const all = matching(typed);
    const names = groups.flatMap((group) =>
      group.rows.map(({ name, keywords }) => `${name} ${keywords ?? ''}`),
    );
    const meant = all.length > 0 ? null : meantWords(typed, names);
    if (meant === null) return all;
    return [{ title: 'Did you mean', rows: matching(meant).flatMap(({ rows }) => rows) }];
  };
  const shown = found(text);
  const rows = shown.flatMap((group) => group.rows);
  const show = (next: boolean) => {
    setOpen(next);
    setMoved(false);
    if (!next) setText('');
    else
      setAt(
        several
          ? 0
          : Math.max(
              0,
              rows.findIndex((row) => chosen.includes(row.id)),
            ),
      );
  };
  const type = (typed: string) => {
    if (!open) show(true);
    setText(typed);
    setMoved(false);
    // What begins as typed, before what only contains it.
    const begin = typed.trim().toLowerCase();
    const matching = found(typed).flatMap((group) => group.rows);
    setAt(
      Math.max(
        0,
        matching.findIndex(({ name }) => name.toLowerCase().startsWith(begin)),
      ),
    );
  };
  const choose = (row: PickRow | undefined, close: boolean) => {
    if (!row) return;
    const has = chosen.includes(row.id);
    if (!several) onChosen([row.id]);
    else if (!has) onChosen([...chosen, row.id]);
    else if (!close) onChosen(chosen.filter((other) => other !== row.id));
    if (close || !several) show(false);
    else setText('');
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const next = listStep(event, open ? at : -1, rows.length);
    if (next !== null) {
      if (!open) show(true);
      else setAt(next);
      setMoved(true);
    } else if (event.key === 'Enter' && open && !event.ctrlKey && !event.metaKey) {
      if (!event.nativeEvent.isComposing) choose(rows[at], true);
      event.stopPropagation();
    } else if (event.key === ' ' && open && (moved || text === '')) {
      choose(rows[at], false);
    } else if (event.key === 'Backspace' && several && text === '' && !event.repeat) {
      onChosen(chosen.slice(0, -1));
    } else return;
    event.preventDefault();
  };
  return { open, show, text, type, at, setAt, shown, rows, choose, onKeyDown };
}

/** A field that opens one searchable list: arrow keys move, Space chooses, Enter chooses and closes. */
export function PickField(props: PickFieldProps) {
  const { label, aside, chosen, several = false, placeholder, children } = props;
  const id = useId();
  const field = useRef<HTMLDivElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const { open, show, text, type, at, setAt, shown, rows, choose, onKeyDown } = usePicking(props);
  useLayer(open);
  return (
    <Popover.Root open={open} onOpenChange={show}>
      <div className="field">
        <div className="field-head flex baseline gap-2 spread">
          <label className="field-label" htmlFor={id}>
            {label}
          </label>
          {aside}
        </div>
        <Popover.Anchor asChild>
          {/* biome-ignore lint/a11y/noStaticElementInteractions: a click beside the text reaches the field, as in any input */}
          {/* biome-ignore lint/a11y/useKeyWithClickEvents: the keyboard reaches the field itself */}
          <div className="input pick-field row wrap" ref={field} onClick={() => input.current?.focus()}>
            {(several || !open) && children}
            <input
              id={id}
              ref={input}
              className="bare"
              role="combobox"
              aria-expanded={open}
              aria-controls={`${id}-list`}
              aria-activedescendant={open && rows[at] ? `${id}-list-${at}` : undefined}
              autoComplete="off"
              placeholder={several || open ? placeholder : ''}
              value={text}
              onChange={(event) => type(event.target.value)}
              onClick={() => show(true)}
              onKeyDown={onKeyDown}
            />
            <Icon of={ChevronDown} />
          </div>
        </Popover.Anchor>
      </div>
      <Popover.Portal>
        <Popover.Content
          className="popover pick-list column"
          align="start"
          sideOffset={4}
          collisionPadding={8}
          aria-label={label}
          onOpenAutoFocus={(event) => event.preventDefault()}
          onInteractOutside={(event) => {
            if (field.current?.contains(event.target as Node)) event.preventDefault();
          }}
        >
          {props.head && (
            <div className="pick-head flex gap-2 spread rigid small muted line-below">{props.head}</div>
          )}
          <ListRows
            id={`${id}-list`}
            label={label}
            groups={shown}
            at={at}
            several={several}
            isChosen={(row) => chosen.includes(row.id)}
            onPoint={setAt}
            onChoose={(row) => choose(row, false)}
          />
          {props.foot && (
            <div className="pick-head flex gap-2 spread rigid small muted line-above">{props.foot}</div>
          )}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

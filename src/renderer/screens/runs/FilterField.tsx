import { Popover } from 'radix-ui';
import { type KeyboardEvent, type Ref, useEffect, useEffectEvent, useId, useMemo, useState } from 'react';
import type { RunTableFields } from '../../../core/api/runs.ts';
import { textWidth } from '../../charts/painter.ts';
import { ListRows } from '../../components/ListRows.tsx';
import { listStep } from '../../components/list-keys.ts';
import type { RunsView } from '../../runs/table/runs-view.ts';
import { type Completion, readFilters } from '../../runs/table/typed-filters.ts';
import { useLayer } from '../../state/layers.ts';

interface FilterFieldProps {
  view: RunsView;
  fields: RunTableFields | undefined;
  onChange(changes: Partial<RunsView>): void;
  ref?: Ref<HTMLInputElement>;
}

const TYPING_MS = 150;
const TEXT_SIZE = 13;

/** What is typed, until it is left: its words search at once, its filters are set by Enter. */
function useTyped({ view, fields, onChange }: FilterFieldProps) {
  const [typed, setTyped] = useState<string | null>(null);
  const text = typed ?? view.search;
  const read = useMemo(() => readFilters(text, fields), [text, fields]);
  const { filters, words, problem } = read;
  const search = useEffectEvent(() => words !== view.search && onChange({ search: words }));
  useEffect(() => {
    if (typed === null) return;
    const timer = setTimeout(search, TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  const settle = () => {
    if (problem) return;
    onChange({ search: words, filters: [...view.filters, ...filters] });
    setTyped(null);
  };
  const leave = () => {
    search();
    // What is half typed stays; words alone are the search of the view.
    if (filters.length === 0 && !problem && words === text.trim()) setTyped(null);
  };
  return { ...read, typed, text, type: setTyped, settle, leave };
}

/** Filters by typing, docs/filters.md: fields and values are completed, and what cannot be read is said under its word. */
export function FilterField(props: FilterFieldProps) {
  const id = useId();
  const { typed, text, type, settle, leave, completions, problem } = useTyped(props);
  const [at, setAt] = useState(-1);
  const [isFocused, setFocused] = useState(false);
  const rows = completions.map((completion) => ({
    ...completion,
    id: completion.text,
    content: completion.label,
  }));
  const isOpen = isFocused && typed !== null && rows.length > 0;
  useLayer(isOpen);
  const take = (completion: Completion) => {
    type(completion.text);
    setAt(-1);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const next = isOpen ? listStep(event, at, rows.length) : null;
    if (next !== null) setAt(next);
    else if (event.key === 'Tab' && isOpen && !event.shiftKey) take(rows[Math.max(0, at)]);
    else if (event.key === 'Enter' && !event.nativeEvent.isComposing) {
      if (isOpen && at >= 0) take(rows[at]);
      else settle();
    } else if (event.key === 'Escape' && isOpen) setFocused(false);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <Popover.Root open={isOpen}>
      <Popover.Anchor asChild>
        <span className="filter-field">
          <input
            ref={props.ref}
            className="input wide"
            type="search"
            role="combobox"
            aria-label="Search runs"
            aria-expanded={isOpen}
            aria-controls={`${id}-list`}
            aria-activedescendant={isOpen && at >= 0 ? `${id}-list-${at}` : undefined}
            aria-invalid={problem !== null}
            aria-describedby={problem ? `${id}-problem` : undefined}
            autoComplete="off"
            placeholder="Filter, such as ndcg@10 > .05"
            value={text}
            onChange={(event) => {
              type(event.target.value);
              setFocused(true);
              setAt(-1);
            }}
            onFocus={() => setFocused(true)}
            onBlur={() => {
              setFocused(false);
              leave();
            }}
            onKeyDown={onKeyDown}
          />
          {problem && !isOpen && (
            <span
              id={`${id}-problem`}
              className="filter-problem field-problem small"
              role="alert"
              style={{ marginInlineStart: textWidth(text.slice(0, problem.at), TEXT_SIZE) }}
            >
              {problem.text}
            </span>
          )}
        </span>
      </Popover.Anchor>
      <Popover.Portal>
        <Popover.Content
          className="popover pick-list column"
          align="start"
          sideOffset={4}
          collisionPadding={8}
          aria-label="Completions"
          onOpenAutoFocus={(event) => event.preventDefault()}
          onCloseAutoFocus={(event) => event.preventDefault()}
        >
          <ListRows
            id={`${id}-list`}
            label="Completions"
            groups={[{ title: '', rows }]}
            at={at}
            onPoint={setAt}
            onChoose={(row) => take(row)}
          />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

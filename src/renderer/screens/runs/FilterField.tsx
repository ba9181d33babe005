import { useQuery } from '@tanstack/react-query';
import { ListFilter } from 'lucide-react';
import { Popover } from 'radix-ui';
import { type KeyboardEvent, type RefObject, useEffect, useEffectEvent, useId, useState } from 'react';
import { z } from 'zod';
import type { RunTableFields } from '../../../core/api/runs.ts';
import { textWidth } from '../../charts/painter.ts';
import { Button } from '../../components/Button.tsx';
import { ListRows } from '../../components/ListRows.tsx';
import { listStep } from '../../components/list-keys.ts';
import { Meant } from '../../components/Meant.tsx';
import { useProjectInView } from '../../runs/projects.ts';
import { hasFewValues } from '../../runs/table/fields.ts';
import type { RunsView } from '../../runs/table/runs-view.ts';
import { type Completion, readFilters, valueField } from '../../runs/table/typed-filters.ts';
import { api } from '../../state/api.ts';
import { useDraft } from '../../state/drafts.ts';
import { useLayer } from '../../state/layers.ts';

interface FilterFieldProps {
  view: RunsView;
  fields: RunTableFields | undefined;
  onChange(changes: Partial<RunsView>): void;
  ref: RefObject<HTMLInputElement | null>;
}

const TYPING_MS = 150;
const TEXT_SIZE = 13;

/** Values that runs have of a field, where they are few. */
function useValues(field: string | null, fields: RunTableFields | undefined): string[] {
  const enabled = field !== null && field !== 'tags' && hasFewValues(field);
  const input = { groupBy: field ?? '', archived: 'all' as const, limit: 1 };
  const { data } = useQuery({ ...api.runs.table.queryOptions({ input }), enabled });
  // Rows are grouped by all of their tags together.
  if (field === 'tags') return fields?.tags ?? [];
  return enabled ? (data?.groups ?? []).flatMap(({ value }) => value ?? []) : [];
}

/** What is typed, and the search that it is typed into: a view with another one says more than what was left. */
const typedFilter = z.object({ typed: z.string().nullable(), search: z.string() });
const NOTHING = { typed: null, search: '' };

/** What is typed, until it is left: its words search at once, its filters are set by Enter. */
function useTyped({ view, fields, onChange }: FilterFieldProps) {
  const kept = useDraft(`runs filter ${useProjectInView() ?? ''}`, typedFilter, NOTHING);
  const typed = kept.draft.search === view.search ? kept.draft.typed : null;
  const setTyped = (next: string | null) =>
    next === null ? kept.forget() : kept.change({ typed: next, search: view.search });
  /** The button has opened it: everything is offered. */
  const [all, setAll] = useState(false);
  const text = typed ?? view.search;
  const values = useValues(valueField(text, fields), fields);
  const read = readFilters(text, fields, { all, values });
  const { filters, words, problem } = read;
  const search = useEffectEvent(() => {
    if (words === view.search) return;
    kept.change({ search: words });
    onChange({ search: words });
  });
  useEffect(() => {
    if (typed === null) return;
    const timer = setTimeout(search, TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  const settle = (whole = text, changes: Partial<RunsView> = {}) => {
    const now = readFilters(whole, fields);
    if (now.problem) return;
    onChange({ search: now.words, filters: [...view.filters, ...now.filters], ...changes });
    setTyped(null);
    setAll(false);
  };
  const leave = () => {
    search();
    setAll(false);
    // What is half typed stays; words alone are the search of the view.
    if (filters.length === 0 && !problem && words === text.trim()) setTyped(null);
  };
  const browse = () => {
    setTyped(text.replace(/\S$/, '$& '));
    setAll(true);
  };
  return { ...read, typed, text, all, type: setTyped, settle, leave, browse };
}

interface Offered extends Completion {
  /** It is no filter by a field. */
  changes?: Partial<RunsView>;
}

/** What is not typed: which runs stand in the table at all. */
function shownChoices({ starred, archived }: RunsView): Offered[] {
  const choices: [string, Partial<RunsView>, isSet: boolean][] = [
    ['Only starred runs', { starred: true }, starred],
    ['Hide archived runs', { archived: 'hide' }, archived === 'hide'],
    ['Show archived runs, too', { archived: 'all' }, archived === 'all'],
    ['Only archived runs', { archived: 'only' }, archived === 'only'],
  ];
  return choices.flatMap(([label, changes, isSet]) =>
    isSet ? [] : [{ text: label, label, changes, group: 'Shown' }],
  );
}

/**
 * Filters by typing, docs/filters.md: fields and values are completed, and what cannot be read is said under its word. The
 * button offers every field, operator and value to the pointer.
 */
export function FilterField(props: FilterFieldProps) {
  const id = useId();
  const { typed, text, all, type, settle, leave, browse, completions, problem } = useTyped(props);
  const [at, setAt] = useState(-1);
  const [isFocused, setFocused] = useState(false);
  const offered: Offered[] = [...(all && text.trim() === '' ? shownChoices(props.view) : []), ...completions];
  const rows = offered.map((one) => ({ ...one, id: one.text, content: one.label }));
  const groups = [...Map.groupBy(rows, ({ group = '' }) => group)].map(([title, members]) => ({
    title,
    rows: members,
  }));
  const isOpen = isFocused && typed !== null && rows.length > 0;
  useLayer(isOpen);
  const take = ({ text: whole, changes }: Offered) => {
    if (changes) settle('', changes);
    else type(whole);
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
              <Meant text={problem.meant?.name} onTake={() => type(problem.meant?.text ?? text)} />
            </span>
          )}
        </span>
      </Popover.Anchor>
      <Button
        icon={ListFilter}
        kind="quiet"
        onClick={() => {
          browse();
          props.ref.current?.focus();
        }}
      >
        <span className="wide-only">Add filter</span>
      </Button>
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
            groups={groups}
            at={at}
            onPoint={setAt}
            onChoose={(row) => (row.isValue ? settle(row.text) : take(row))}
          />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

import { useMemo, useRef, useState } from 'react';
import type { RunTableFields } from '../../../core/api/runs.ts';
import type { Action } from '../../actions/action.ts';
import { useRegisteredActions } from '../../actions/registry.ts';
import { Button } from '../../components/Button.tsx';
import { CheckField } from '../../components/controls.tsx';
import { ColumnsDialog } from './ColumnsDialog.tsx';
import { FieldSelect } from './FieldSelect.tsx';
import { FilterMenu } from './FilterMenu.tsx';
import { filterText, groupFields } from './fields.ts';
import { isFiltered, type RunsView, UNFILTERED } from './runs-view.ts';
import { ViewMenu } from './ViewMenu.tsx';

interface RunsToolbarProps {
  view: RunsView;
  onView(view: RunsView): void;
  fields: RunTableFields | undefined;
}

/** Which runs are shown, and how. */
export function RunsToolbar({ view, onView, fields }: RunsToolbarProps) {
  const change = (changes: Partial<RunsView>) => onView({ ...view, ...changes });
  const [columns, setColumns] = useState(false);
  const search = useRef<HTMLInputElement>(null);
  const toggleFold = useRef(() => {});
  toggleFold.current = () => change({ fold: !view.fold });
  const actions = useMemo(
    (): Action[] => [
      {
        id: 'runs.search',
        label: 'Search runs',
        group: 'View',
        shortcut: '/',
        perform: () => search.current?.focus(),
      },
      {
        id: 'runs.columns',
        label: 'Choose columns',
        group: 'View',
        shortcut: 'v',
        perform: () => setColumns(true),
      },
      {
        id: 'runs.fold',
        label: 'Fold or unfold seeds',
        group: 'View',
        shortcut: 'f',
        perform: () => toggleFold.current(),
      },
    ],
    [],
  );
  useRegisteredActions(actions);
  return (
    <div className="toolbar runs-toolbar" role="toolbar" aria-label="View of the runs">
      <input
        ref={search}
        className="input"
        type="search"
        aria-label="Search runs"
        placeholder="Search"
        value={view.search}
        onChange={(event) => change({ search: event.target.value })}
      />
      <FilterMenu view={view} fields={fields} onChange={change} />
      <FilterChips view={view} onChange={change} />
      <span className="toolbar-end runs-toolbar-end">
        <CheckField label="Fold seeds" checked={view.fold} onChecked={(fold) => change({ fold })} />
        <FieldSelect
          label="Group by"
          none="No groups"
          groups={groupFields(fields)}
          value={view.groupBy ?? ''}
          onValue={(field) => change({ groupBy: field === '' ? null : field })}
        />
        <Button onClick={() => setColumns(true)}>Columns</Button>
        <ViewMenu view={view} onView={onView} />
      </span>
      {columns && (
        <ColumnsDialog
          columns={view.columns}
          fields={fields}
          onChange={(chosen) => change({ columns: chosen })}
          onClose={() => setColumns(false)}
        />
      )}
    </div>
  );
}

function FilterChips({ view, onChange }: { view: RunsView; onChange(changes: Partial<RunsView>): void }) {
  const chips = [
    ...view.filters.map((filter) => ({
      text: filterText(filter),
      remove: () => onChange({ filters: view.filters.filter((other) => other !== filter) }),
    })),
    ...(view.starred ? [{ text: 'Starred', remove: () => onChange({ starred: false }) }] : []),
    ...(view.archived === 'hide'
      ? []
      : [
          {
            text: view.archived === 'only' ? 'Archived' : 'With archived',
            remove: () => onChange({ archived: 'hide' }),
          },
        ]),
  ];
  if (chips.length === 0) return null;
  return (
    <>
      <ul className="chips" aria-label="Filters">
        {chips.map(({ text, remove }) => (
          <li key={text} className="chip">
            {text}
            <button type="button" aria-label={`Remove filter ${text}`} onClick={remove}>
              ✕
            </button>
          </li>
        ))}
      </ul>
      {isFiltered(view) && (
        <Button kind="quiet" onClick={() => onChange(UNFILTERED)}>
          Clear
        </Button>
      )}
    </>
  );
}

import { Columns3 } from 'lucide-react';
import { useRef, useState } from 'react';
import type { RunTableFields } from '../../../core/api/runs.ts';
import { useRegisteredActions } from '../../actions/registry.ts';
import { Button } from '../../components/Button.tsx';
import { CheckField, SearchField, Select } from '../../components/controls.tsx';
import { Icon } from '../../components/Icon.tsx';
import { Chips } from '../../components/lists.tsx';
import { ColumnsDialog } from './ColumnsDialog.tsx';
import { FilterMenu } from './FilterMenu.tsx';
import { fieldChoices, filterText, groupFields } from './fields.ts';
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
  const shown = { group: 'View' } as const;
  useRegisteredActions([
    {
      ...shown,
      id: 'runs.search',
      label: 'Search runs',
      shortcut: '/',
      perform: () => search.current?.focus(),
    },
    { ...shown, id: 'runs.columns', label: 'Choose columns', shortcut: 'v', perform: () => setColumns(true) },
    {
      ...shown,
      id: 'runs.fold',
      label: 'Fold or unfold seeds',
      shortcut: 'f',
      perform: () => change({ fold: !view.fold }),
    },
  ]);
  return (
    <div className="toolbar runs-toolbar" role="toolbar" aria-label="View of the runs">
      <SearchField
        ref={search}
        label="Search runs"
        placeholder="Search"
        value={view.search}
        onValue={(text) => change({ search: text })}
      />
      <FilterMenu view={view} fields={fields} onChange={change} />
      <FilterChips view={view} onChange={change} />
      <span className="toolbar-end runs-toolbar-end">
        <CheckField label="Fold seeds" value={view.fold} onValue={(fold) => change({ fold })} />
        <Select
          aria-label="Group by"
          value={view.groupBy ?? ''}
          choices={[{ value: '', label: 'No groups' }, ...fieldChoices(groupFields(fields))]}
          onValue={(field) => change({ groupBy: field === '' ? null : field })}
        />
        <Button onClick={() => setColumns(true)}>
          <Icon of={Columns3} />
          Columns
        </Button>
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
      <Chips label="Filters" noun="filter" chips={chips} />
      {isFiltered(view) && (
        <Button kind="quiet" onClick={() => onChange(UNFILTERED)}>
          Clear
        </Button>
      )}
    </>
  );
}

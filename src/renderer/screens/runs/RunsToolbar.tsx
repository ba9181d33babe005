import { useRef } from 'react';
import type { RunTableFields } from '../../../core/api/runs.ts';
import { useRegisteredActions } from '../../actions/registry.ts';
import { Button } from '../../components/Button.tsx';
import { Chips } from '../../components/lists.tsx';
import { Segments } from '../../components/Segments.tsx';
import { Select } from '../../components/Select.tsx';
import { filterText, groupChoices } from '../../runs/table/fields.ts';
import { isFiltered, type RunsView, type ShownView, UNFILTERED } from '../../runs/table/runs-view.ts';
import { FilterField } from './FilterField.tsx';
import { ViewMenu } from './ViewMenu.tsx';

interface RunsToolbarProps {
  view: RunsView;
  /** With what the view leaves to the runs. */
  shown: ShownView;
  onView(changes: Partial<RunsView>): void;
  fields: RunTableFields | undefined;
}

/** Which runs are shown, and how. */
export function RunsToolbar({ view, shown, onView, fields }: RunsToolbarProps) {
  const search = useRef<HTMLInputElement>(null);
  const fold = (folded: boolean) => onView({ fold: folded });
  useRegisteredActions([
    {
      ...{ id: 'runs.search', label: 'Search runs', group: 'View', shortcut: '/' },
      perform: () => search.current?.focus(),
    },
    {
      ...{ id: 'runs.fold', label: 'Fold or unfold seeds', group: 'View', shortcut: 'f' },
      perform: () => fold(!view.fold),
    },
  ]);
  return (
    <div className="toolbar rigid line-below gap-2" role="toolbar" aria-label="View of the runs">
      <FilterField ref={search} view={view} fields={fields} onChange={onView} />
      <Select
        aria-label="Group by"
        value={view.groupBy ?? ''}
        choices={[{ value: '', label: 'No groups' }, ...groupChoices(fields)]}
        onValue={(field) => onView({ groupBy: field === '' ? null : field, closed: [] })}
      />
      <FilterChips view={view} onChange={onView} />
      <span className="push row">
        <Segments
          label="Rows"
          choices={[
            { value: 'folded', label: 'Group seeds' },
            { value: 'every', label: 'All runs' },
          ]}
          value={view.fold ? 'folded' : 'every'}
          onValue={(rows) => fold(rows === 'folded')}
        />
        <ViewMenu view={view} shown={shown} onView={onView} />
      </span>
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

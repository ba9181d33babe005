import { useQuery } from '@tanstack/react-query';
import { ListFilter } from 'lucide-react';
import { Popover } from 'radix-ui';
import { useState } from 'react';
import { MODEL_TITLES } from '../../../core/api/models.ts';
import type { RunFilter, RunTableFields } from '../../../core/api/runs.ts';
import { Button } from '../../components/Button.tsx';
import { CheckField, draftFields } from '../../components/controls.tsx';
import { Select } from '../../components/Select.tsx';
import {
  fieldChoices,
  filterFields,
  filterValue,
  hasFewValues,
  OPERATORS,
  valueText,
} from '../../runs/table/fields.ts';
import type { RunsView } from '../../runs/table/runs-view.ts';
import { api } from '../../state/api.ts';
import { useLayer } from '../../state/layers.ts';

const CONDITIONS = Object.entries(OPERATORS).map(([value, label]) => ({
  value: value as RunFilter['operator'],
  label,
}));

const ARCHIVED = [
  { value: 'hide', label: 'Hide archived' },
  { value: 'all', label: 'Show archived, too' },
  { value: 'only', label: 'Only archived' },
] as const;

interface FilterMenuProps {
  view: RunsView;
  fields: RunTableFields | undefined;
  onChange(changes: Partial<RunsView>): void;
}

/** Which runs are shown. */
export function FilterMenu({ view, fields, onChange }: FilterMenuProps) {
  const [open, setOpen] = useState(false);
  useLayer(open);
  const field = draftFields(view, onChange);
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger asChild>
        <Button icon={ListFilter} kind="quiet">
          <span className="wide-only">Add filter</span>
        </Button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className="popover stack" align="start" sideOffset={4} aria-label="Filter">
          <FilterForm
            fields={fields}
            onAdd={(filter) => {
              onChange({ filters: [...view.filters, filter] });
              setOpen(false);
            }}
          />
          <CheckField label="Only starred runs" {...field('starred')} />
          <Select aria-label="Archived runs" choices={ARCHIVED} {...field('archived')} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

const sameText = (a: string, b: string) => a.trim().toLowerCase() === b.trim().toLowerCase();

/** The values that runs have of a field, where they are few. */
function useValues(field: string, fields: RunTableFields | undefined): string[] {
  const { data } = useQuery({
    ...api.runs.table.queryOptions({ input: { groupBy: field, archived: 'all', limit: 1 } }),
    enabled: hasFewValues(field),
  });
  // Rows are grouped by all of their tags together.
  if (field === 'tags') return fields?.tags ?? [];
  return hasFewValues(field) ? (data?.groups ?? []).flatMap(({ value }) => value ?? []) : [];
}

interface FilterFormProps {
  fields: RunTableFields | undefined;
  onAdd(filter: RunFilter): void;
}

function FilterForm({ fields, onAdd }: FilterFormProps) {
  const [field, setField] = useState('model');
  const [operator, setOperator] = useState<RunFilter['operator']>('=');
  const [text, setText] = useState('');
  const values = useValues(field, fields);
  return (
    <form
      className="grid gap-2"
      style={{ gridTemplateColumns: '180px 88px 150px auto' }}
      onSubmit={(event) => {
        event.preventDefault();
        const named = values.find((value) => sameText(valueText(field, value), text));
        const titled =
          field === 'model' && Object.entries(MODEL_TITLES).find(([, title]) => sameText(title, text))?.[0];
        const typed = operator === 'contains' ? text : named || titled || text;
        onAdd({ field, operator, value: filterValue(field, typed) });
      }}
    >
      <Select
        aria-label="Field"
        value={field}
        choices={fieldChoices(filterFields(fields))}
        onValue={setField}
      />
      <Select aria-label="Condition" value={operator} choices={CONDITIONS} onValue={setOperator} />
      <input
        className="input"
        aria-label="Value"
        placeholder="Value"
        list="filter-values"
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <datalist id="filter-values">
        {values.map((value) => (
          <option key={value} value={valueText(field, value)} />
        ))}
      </datalist>
      <Button type="submit" kind="primary" disabled={text.trim() === ''}>
        Add
      </Button>
    </form>
  );
}

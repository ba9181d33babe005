import { ListFilter } from 'lucide-react';
import { useState } from 'react';
import type { RunFilter, RunTableFields } from '../../../core/api/runs.ts';
import { Button } from '../../components/Button.tsx';
import { CheckField, draftFields, Select } from '../../components/controls.tsx';
import { Icon } from '../../components/Icon.tsx';
import { Popover } from '../../components/Popover.tsx';
import { useModelTitles } from '../../state/model-titles.ts';
import { fieldChoices, fieldValues, filterFields, filterValue } from './fields.ts';
import type { RunsView } from './runs-view.ts';

const OPERATORS: { value: RunFilter['operator']; label: string }[] = (
  ['=', '!=', '<', '<=', '>', '>=', 'contains'] as const
).map((value) => ({ value, label: value === '!=' ? '≠' : value }));

const ARCHIVED = [
  { value: 'hide', label: 'Without archived runs' },
  { value: 'all', label: 'With archived runs' },
  { value: 'only', label: 'Only archived runs' },
] as const;

interface FilterMenuProps {
  view: RunsView;
  fields: RunTableFields | undefined;
  onChange(changes: Partial<RunsView>): void;
}

/** Which runs are shown. */
export function FilterMenu({ view, fields, onChange }: FilterMenuProps) {
  const [open, setOpen] = useState(false);
  const field = draftFields(view, onChange);
  const titles = useModelTitles();
  return (
    <Popover
      label="Filter"
      trigger={
        <Button>
          <Icon of={ListFilter} />
          Filter
        </Button>
      }
      open={open}
      onOpenChange={setOpen}
    >
      <div className="stack">
        <FilterForm
          fields={fields}
          titles={titles}
          onAdd={(filter) => {
            onChange({ filters: [...view.filters, filter] });
            setOpen(false);
          }}
        />
        <CheckField label="Only starred runs" {...field('starred')} />
        <Select aria-label="Archived runs" choices={ARCHIVED} {...field('archived')} />
      </div>
    </Popover>
  );
}

interface FilterFormProps {
  fields: RunTableFields | undefined;
  /** Of models by id. */
  titles: ReadonlyMap<string, string>;
  onAdd(filter: RunFilter): void;
}

function FilterForm({ fields, titles, onAdd }: FilterFormProps) {
  const [field, setField] = useState('model');
  const [operator, setOperator] = useState<RunFilter['operator']>('=');
  const [text, setText] = useState('');
  return (
    <form
      className="filter-form"
      onSubmit={(event) => {
        event.preventDefault();
        const titled = [...titles].find(([, title]) => title.toLowerCase() === text.trim().toLowerCase());
        const typed = field === 'model' && operator !== 'contains' ? (titled?.[0] ?? text) : text;
        onAdd({ field, operator, value: filterValue(field, typed) });
      }}
    >
      <Select
        aria-label="Field"
        value={field}
        choices={fieldChoices(filterFields(fields))}
        onValue={setField}
      />
      <Select aria-label="Condition" value={operator} choices={OPERATORS} onValue={setOperator} />
      <input
        className="input"
        aria-label="Value"
        placeholder="Value"
        list="filter-values"
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <datalist id="filter-values">
        {fieldValues(field, fields).map((value) => (
          <option key={value} value={(field === 'model' && titles.get(value)) || value} />
        ))}
      </datalist>
      <Button type="submit" kind="primary" disabled={text.trim() === ''}>
        Add
      </Button>
    </form>
  );
}

import { type FieldGroup, fieldTitle } from './fields.ts';

interface FieldSelectProps {
  label: string;
  groups: readonly FieldGroup[];
  value: string;
  onValue(field: string): void;
  /** A choice for no field, whose value is "". */
  none?: string;
}

/** A choice of one field of runs. */
export function FieldSelect({ label, groups, value, onValue, none }: FieldSelectProps) {
  return (
    <select
      className="input"
      aria-label={label}
      value={value}
      onChange={(event) => onValue(event.target.value)}
    >
      {none !== undefined && <option value="">{none}</option>}
      {groups.map(({ title, fields }) => (
        <optgroup key={title} label={title}>
          {fields.map((field) => (
            <option key={field} value={field}>
              {fieldTitle(field)}
            </option>
          ))}
        </optgroup>
      ))}
    </select>
  );
}

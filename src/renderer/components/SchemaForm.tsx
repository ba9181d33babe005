import { useState } from 'react';
import { Field } from './Field.tsx';
import { fieldText, parseField, type SchemaField, schemaFields } from './schema.ts';

export interface SchemaFormProps {
  /** JSON Schema of an object. */
  schema: unknown;
  /** Keys that differ from what is there without them. */
  values: Record<string, unknown>;
  /** What counts where a key has no value: the preset's, before the schema's own default. */
  defaults?: Record<string, unknown>;
  /** Told of valid values only; `problems` says how many are not. */
  onChange(values: Record<string, unknown>, problems: number): void;
}

/** A form made of a schema: labels and explanations are the schema's, and its bounds are checked while typing. */
export function SchemaForm({ schema, values, defaults = {}, onChange }: SchemaFormProps) {
  const [texts, setTexts] = useState<Record<string, string>>({});
  const fields = schemaFields(schema);
  const change = (field: SchemaField, text: string) => {
    const typed = { ...texts, [field.key]: text };
    setTexts(typed);
    const problems = fields.filter(
      ({ key }) => key in typed && 'problem' in parseField(fieldOf(key), typed[key]),
    );
    const parsed = parseField(field, text);
    const { [field.key]: _, ...rest } = values;
    const next =
      'value' in parsed && parsed.value !== undefined ? { ...rest, [field.key]: parsed.value } : rest;
    onChange(next, problems.length);
  };
  const fieldOf = (key: string) => fields.find((field) => field.key === key) ?? fields[0];
  return (
    <div className="form">
      {fields.map((field) => {
        const text = texts[field.key] ?? fieldText(values[field.key]);
        const parsed = parseField(field, text);
        return (
          <Field
            key={field.key}
            label={field.label}
            help={field.description}
            problem={'problem' in parsed ? parsed.problem : null}
          >
            {(control) => (
              <SchemaControl
                {...control}
                field={field}
                text={text}
                fallback={fieldText(defaults[field.key] ?? field.default)}
                onText={(changed) => change(field, changed)}
              />
            )}
          </Field>
        );
      })}
    </div>
  );
}

interface SchemaControlProps {
  id: string;
  'aria-describedby': string | undefined;
  'aria-invalid': boolean;
  field: SchemaField;
  text: string;
  fallback: string;
  onText(text: string): void;
}

function SchemaControl({ field, text, fallback, onText, ...control }: SchemaControlProps) {
  const choices = field.type === 'boolean' ? [true, false] : field.enum;
  if (choices) {
    return (
      <select className="input" {...control} value={text} onChange={(event) => onText(event.target.value)}>
        <option value="">{fallback === '' ? 'none' : `${fallback} (default)`}</option>
        {choices.map((choice) => (
          <option key={String(choice)} value={String(choice)}>
            {String(choice)}
          </option>
        ))}
      </select>
    );
  }
  const numeric = field.type === 'number' || field.type === 'integer';
  return (
    <input
      className="input"
      {...control}
      inputMode={numeric ? 'decimal' : 'text'}
      placeholder={fallback}
      value={text}
      onChange={(event) => onText(event.target.value)}
    />
  );
}

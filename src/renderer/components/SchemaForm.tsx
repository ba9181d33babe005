import { ChevronDown, ChevronRight } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { countText, hasWords } from '../format/format.ts';
import { Button } from './Button.tsx';
import { CheckMenu } from './CheckMenu.tsx';
import { type Choice, SelectField, TextField } from './controls.tsx';
import { Field } from './Field.tsx';
import { Icon } from './Icon.tsx';
import { fieldText, parseField, type SchemaField, schemaFields } from './schema.ts';

export interface SchemaFormProps {
  /** JSON Schema of an object. */
  schema: unknown;
  /** Keys that differ from what is there without them. */
  values: Record<string, unknown>;
  /** What counts where a key has no value: the preset's, before the schema's own default. */
  defaults?: Record<string, unknown>;
  /** What is wrong with a value that the schema alone allows, by key. */
  problems?: Record<string, string>;
  /** Sections in order. Default: one section without a title. */
  sections?: readonly FormSection[];
  /** Only fields that have these words in their label, key or explanation, or are wrong, are shown, whatever is folded. */
  search?: string;
  /** What a text field can be, by key, where there is only so much to choose from. */
  choices?: Record<string, readonly Choice<string>[]>;
  /** What a text field can name several of, by key. */
  names?: Record<string, FieldNames>;
  /** Told of valid values only; `problems` says how many are not. */
  onChange(values: Record<string, unknown>, problems: number): void;
}

export interface FormSection {
  title: string;
  keys: readonly string[];
  /** Its fields are shown on demand, or where one of them was changed or is wrong. */
  folded?: boolean;
}

/** Names that a text field lists, separated by commas. */
export interface FieldNames {
  names: readonly string[];
  /** Texts that stand for no single name, such as "all"; the first is what nothing chosen comes to, and without
   *  one something stays chosen. */
  others: readonly { value: string; label: string }[];
}

/**
 * A form made of a schema: labels and explanations are the schema's, and its bounds are checked while typing. Every
 * field shows the value that counts; one that was changed is marked and can be set back.
 */
export function SchemaForm(props: SchemaFormProps) {
  const {
    schema,
    values,
    defaults = {},
    problems = {},
    sections,
    choices,
    names,
    search = '',
    onChange,
  } = props;
  const [texts, setTexts] = useState<Record<string, string>>({});
  const fields = schemaFields(schema);
  const change = (field: SchemaField, text: string | undefined) => {
    const { [field.key]: _text, ...others } = texts;
    const typed = text === undefined ? others : { ...others, [field.key]: text };
    setTexts(typed);
    const wrong = fields.filter((entry) => isWrong(entry, typed));
    const parsed = text === undefined ? { value: undefined } : parseField(field, text);
    const { [field.key]: _value, ...rest } = values;
    const given = 'value' in parsed && parsed.value !== undefined;
    onChange(given ? { ...rest, [field.key]: parsed.value } : rest, wrong.length);
  };
  const isShown = (field: SchemaField) =>
    hasWords(fieldWords(field), search) || field.key in problems || isWrong(field, texts);
  const all = sections ?? [{ title: '', keys: fields.map(({ key }) => key) }];
  const shown = all
    .map((section) => ({
      ...section,
      fields: fields.filter((field) => section.keys.includes(field.key) && isShown(field)),
    }))
    .filter((section) => section.fields.length > 0);
  if (shown.length === 0) return <p className="muted">No setting matches “{search}”.</p>;
  return shown.map((section) => {
    const touched = section.fields.filter(
      ({ key }) => key in values || key in texts || key in problems,
    ).length;
    const form = (
      <div key="form" className="form">
        {section.fields.map((field) => (
          <SchemaFormField
            key={field.key}
            field={field}
            choices={choices?.[field.key]}
            names={names?.[field.key]}
            problem={problems[field.key]}
            changed={field.key in values || field.key in texts}
            text={texts[field.key] ?? fieldText(values[field.key] ?? defaults[field.key] ?? field.default)}
            fallback={fieldText(defaults[field.key] ?? field.default)}
            onText={(text) => change(field, text)}
          />
        ))}
      </div>
    );
    return section.folded && search === '' ? (
      <FoldedSection
        key={section.title}
        title={section.title}
        count={section.fields.length}
        touched={touched}
      >
        {form}
      </FoldedSection>
    ) : (
      <section key={section.title} className="form-section">
        {section.title !== '' && <h3 className="form-title">{section.title}</h3>}
        {form}
      </section>
    );
  });
}

interface FoldedSectionProps {
  title: string;
  count: number;
  /** Fields that were changed or are wrong. */
  touched: number;
  children: ReactNode;
}

/** Opens by itself where something in it was changed or is wrong, and stays as the user leaves it. */
function FoldedSection({ title, count, touched, children }: FoldedSectionProps) {
  const [open, setOpen] = useState<boolean | null>(null);
  return (
    <details
      className="form-section"
      open={open ?? touched > 0}
      onToggle={(event) => {
        const { open: now } = event.currentTarget;
        if (now !== (open ?? touched > 0)) setOpen(now);
      }}
    >
      <summary className="form-title">
        <Icon of={ChevronRight} />
        {title}
        <span className="muted">
          {countText(count, 'setting')}
          {touched > 0 && `, ${touched} changed`}
        </span>
      </summary>
      {children}
    </details>
  );
}

const isWrong = (field: SchemaField, texts: Record<string, string>) =>
  field.key in texts && 'problem' in parseField(field, texts[field.key]);

/** What a field is called or said to be. */
const fieldWords = ({ key, label, description = '' }: SchemaField) => `${key} ${label} ${description}`;

interface SchemaFormFieldProps {
  field: SchemaField;
  choices?: readonly Choice<string>[];
  names?: FieldNames;
  problem?: string;
  changed: boolean;
  text: string;
  /** What it is set back to. */
  fallback: string;
  /** undefined sets it back. */
  onText(text: string | undefined): void;
}

function SchemaFormField(props: SchemaFormFieldProps) {
  const { field, changed, text, fallback, onText } = props;
  const parsed = parseField(field, text);
  const reset = changed && (
    <Button
      kind="quiet"
      className="field-reset"
      aria-label={`Reset to ${fallback || 'nothing'}: ${field.label}`}
      onClick={() => onText(undefined)}
    >
      Reset to {fallback || 'nothing'}
    </Button>
  );
  const labelled = {
    label: field.label,
    help: field.description,
    problem: 'problem' in parsed ? parsed.problem : (props.problem ?? null),
    changed,
    aside: reset,
  };
  if (props.names) {
    const { names, others } = props.names;
    return (
      <Field {...labelled}>
        {(control) => (
          <NamesMenu
            {...control}
            label={field.label}
            names={names}
            others={others}
            text={text}
            onText={onText}
          />
        )}
      </Field>
    );
  }
  const choices = props.choices ?? fieldChoices(field);
  if (choices) return <SelectField {...labelled} value={text} choices={choices} onValue={onText} />;
  const isNumber = field.type === 'number' || field.type === 'integer';
  return <TextField {...labelled} mode={isNumber ? 'decimal' : 'text'} value={text} onValue={onText} />;
}

interface NamesMenuProps extends FieldNames {
  id: string;
  label: string;
  text: string;
  onText(text: string): void;
}

/** Names to choose several of; the text stays what the config takes. */
function NamesMenu({ names, others, label, text, onText, ...control }: NamesMenuProps) {
  const other = others.find(({ value }) => value === text);
  const chosen = other ? [] : text.split(',').map((name) => name.trim());
  const options = [
    ...others.map(({ value, label }) => ({ id: `=${value}`, label })),
    ...names.map((name) => ({ id: name, label: name })),
  ];
  const change = (checked: string[]) => {
    const added = checked.find((id) => id.startsWith('=') && id !== `=${other?.value}`);
    const named = checked.filter((id) => !id.startsWith('='));
    onText(added ? added.slice(1) : named.join(',') || (others[0]?.value ?? text));
  };
  return (
    <CheckMenu
      trigger={
        <button
          {...control}
          type="button"
          className="input input-menu"
          aria-label={`${label}: ${other?.label ?? text}`}
        >
          <span className="clip">{other?.label ?? chosen.join(', ')}</span>
          <Icon of={ChevronDown} />
        </button>
      }
      options={options}
      checked={other ? [`=${other.value}`] : chosen}
      onChange={change}
    />
  );
}

function fieldChoices({ type, enum: values }: SchemaField): Choice<string>[] | undefined {
  if (type === 'boolean') {
    return [
      { value: 'true', label: 'Yes' },
      { value: 'false', label: 'No' },
    ];
  }
  return values?.map((value) => ({ value: String(value), label: String(value) }));
}

import { ChevronDown, RotateCcw } from 'lucide-react';
import { Fragment, type ReactNode, useEffect } from 'react';
import { hasWords } from '../format/format.ts';
import { Button, Icon } from './Button.tsx';
import { CheckMenu } from './CheckMenu.tsx';
import { SelectField, TextField } from './controls.tsx';
import { Field } from './Field.tsx';
import { Meant } from './Meant.tsx';
import type { Choice } from './Select.tsx';
import { choicesOf, fieldText, helpOf, isRead, meantNumber, parseField, type SchemaField } from './schema.ts';

export interface SchemaFormProps {
  fields: readonly SchemaField[];
  /** Keys that differ from what is there without them. */
  values: Readonly<Record<string, unknown>>;
  /** What was typed, by key: it may be no value yet. */
  texts: Readonly<Record<string, string>>;
  /** What counts where a key has no value: the preset's, before the schema's own default. */
  defaults?: Readonly<Record<string, unknown>>;
  /** What is wrong with a value that the schema alone allows, by key. */
  problems?: Readonly<Record<string, string>>;
  /** Headings with their keys, in order. Default: all fields without a heading. */
  sections?: readonly { title: string; keys: readonly string[] }[];
  /** Keys that are shown even so when only what was changed, is wrong or is searched for is. Default: all that are read. */
  shown?: readonly string[];
  /** Shows, whatever else is, the fields that have these words in their label, key or explanation, and no others. */
  search?: string;
  /** Explanations show on hover alone. */
  terse?: boolean;
  /** What a text field can be, by key, where there is only so much to choose from. */
  choices?: Readonly<Record<string, readonly Choice<string>[]>>;
  /** What a text field can name several of, by key. */
  names?: Readonly<Record<string, FieldNames>>;
  /** What is said beneath a field, by key. */
  notes?: Readonly<Record<string, string>>;
  /** Beside the label of a field, and in place of its control where it stands for several values. */
  beside?(field: SchemaField): ReactNode;
  instead?(field: SchemaField): ReactNode;
  /** Told of valid values only; `problems` says how many are not, and `texts` what was typed. */
  onChange(values: Record<string, unknown>, problems: number, texts: Record<string, string>): void;
}

/** Names that a text field lists, separated by commas. */
export interface FieldNames {
  names: readonly string[];
  /** Texts that stand for no single name, such as "all"; the first is what nothing chosen comes to, and without
   *  one something stays chosen. */
  others: readonly { value: string; label: string }[];
}

/** Whether what a field is called or said to be has the words. */
export const isFound = ({ key, label, description = '', meanings = {} }: SchemaField, search: string) =>
  hasWords(`${key} ${label} ${description} ${Object.entries(meanings).flat().join(' ')}`, search);

/**
 * A form made of a schema: labels and explanations are the schema's, and its bounds are checked while typing. Every
 * field shows the value that counts; one that was changed is marked and can be set back.
 */
export function SchemaForm(props: SchemaFormProps) {
  const { fields, values, texts, defaults = {}, problems = {}, shown, search = '', notes = {} } = props;
  const { onChange } = props;
  const instead = (field: SchemaField) => props.instead?.(field) || null;
  const change = (field: SchemaField, text: string | undefined) => {
    const { [field.key]: _text, ...others } = texts;
    const typed = text === undefined ? others : { ...others, [field.key]: text };
    const wrong = fields.filter((entry) => isWrong(entry, typed));
    const parsed = text === undefined ? { value: undefined } : parseField(field, text);
    const { [field.key]: _value, ...rest } = values;
    const given = 'value' in parsed && parsed.value !== undefined;
    onChange(given ? { ...rest, [field.key]: parsed.value } : rest, wrong.length, typed);
  };
  // What was set by other means, such as a button, or stands in place of the field, counts more than what was typed before.
  const overruled = fields.filter(
    (field) => isOverruled(field, texts, values) || (isWrong(field, texts) && instead(field) !== null),
  );
  useEffect(() => {
    if (overruled.length === 0) return;
    const left = Object.entries(texts).filter(([key]) => !overruled.some((field) => field.key === key));
    const kept = Object.fromEntries(left);
    onChange({ ...values }, fields.filter((field) => isWrong(field, kept)).length, kept);
  });
  const isShown = (field: SchemaField) => {
    if (field.key in problems || isWrong(field, texts)) return true;
    if (search !== '') return isFound(field, search);
    if (field.key in values || instead(field) !== null) return true;
    return shown === undefined ? isRead(field, { ...defaults, ...values }) : shown.includes(field.key);
  };
  const order = new Map(shown?.map((key, at) => [key, at - shown.length]));
  const sections = props.sections ?? [{ title: '', keys: fields.map(({ key }) => key) }];
  return sections
    .map(({ title, keys }) => ({
      title,
      members: fields
        .filter((field) => keys.includes(field.key) && isShown(field))
        .toSorted((a, b) => (order.get(a.key) ?? 0) - (order.get(b.key) ?? 0)),
    }))
    .filter(({ members }) => members.length > 0)
    .map(({ title, members }) => (
      <section key={title} className="grid gap-2">
        {title !== '' && <h3 className="form-title line-below strong">{title}</h3>}
        <div className="form grid" data-terse={props.terse || undefined}>
          {members.map((field) => (
            <Fragment key={field.key}>
              {instead(field) ?? (
                <SchemaFormField
                  field={field}
                  terse={props.terse}
                  choices={props.choices?.[field.key]}
                  names={props.names?.[field.key]}
                  note={notes[field.key]}
                  problem={problems[field.key]}
                  changed={field.key in values || field.key in texts}
                  text={
                    texts[field.key] ?? fieldText(values[field.key] ?? defaults[field.key] ?? field.default)
                  }
                  fallback={fieldText(defaults[field.key] ?? field.default)}
                  beside={props.beside?.(field)}
                  onText={(text) => change(field, text)}
                />
              )}
            </Fragment>
          ))}
        </div>
      </section>
    ));
}

const isWrong = (field: SchemaField, texts: Readonly<Record<string, string>>) =>
  field.key in texts && 'problem' in parseField(field, texts[field.key]);

function isOverruled(
  field: SchemaField,
  texts: Readonly<Record<string, string>>,
  values: Readonly<Record<string, unknown>>,
): boolean {
  if (!(field.key in texts) || !(field.key in values)) return false;
  const typed = parseField(field, texts[field.key]);
  return !('value' in typed) || JSON.stringify(typed.value) !== JSON.stringify(values[field.key]);
}

interface SchemaFormFieldProps {
  field: SchemaField;
  terse?: boolean;
  choices?: readonly Choice<string>[];
  names?: FieldNames;
  note?: string;
  problem?: string;
  changed: boolean;
  text: string;
  /** What it is set back to. */
  fallback: string;
  beside?: ReactNode;
  /** undefined sets it back. */
  onText(text: string | undefined): void;
}

function SchemaFormField(props: SchemaFormFieldProps) {
  const { field, terse, note, changed, text, fallback, onText } = props;
  const parsed = parseField(field, text);
  const to = fallback === '' ? 'Clear' : `Reset to ${fallback}`;
  const reset = changed && (
    <Button
      icon={RotateCcw}
      kind="quiet"
      className="field-reset small"
      aria-label={`${to}: ${field.label}`}
      title={to}
      onClick={() => onText(undefined)}
    >
      <span className="clip">{fallback}</span>
    </Button>
  );
  const labelled = {
    label: field.label,
    help: note ?? helpOf(field, text),
    terse: terse && note === undefined,
    problem:
      'problem' in parsed ? (
        <>
          {parsed.problem}.
          <Meant text={meantNumber(field, text, Number(fallback))} onTake={onText} />
        </>
      ) : (
        props.problem
      ),
    changed,
    aside: (
      <span className="field-aside flex middle shrinks">
        {reset}
        {props.beside}
      </span>
    ),
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
          className="input input-menu row spread text-start"
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

/** Where there are only so many. */
export function fieldChoices(field: SchemaField): Choice<string>[] | undefined {
  const label = (value: string) => (field.type === 'boolean' ? (value === 'true' ? 'Yes' : 'No') : value);
  return choicesOf(field)?.map((value) => ({ value, label: label(value) }));
}

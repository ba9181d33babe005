/** Controls of forms: text, search, choice and check boxes, most of them with a label. */
import { type InputHTMLAttributes, type Ref, useEffect, useEffectEvent, useState } from 'react';
import { z } from 'zod';
import { afterPaint } from '../state/after-paint.ts';
import { useDraft } from '../state/drafts.ts';
import { Field, type FieldProps } from './Field.tsx';
import { type Choice, Select } from './Select.tsx';
import { wholeProblem } from './schema.ts';

type Labelled = Omit<FieldProps, 'children'>;

export interface TextFieldProps extends Labelled {
  value: string;
  onValue(value: string): void;
  placeholder?: string;
  /** decimal: the keyboard and the alignment of a number. */
  mode?: 'text' | 'decimal';
  type?: 'text' | 'date';
  autoFocus?: boolean;
}

export function TextField({ value, onValue, mode, placeholder, type, autoFocus, ...field }: TextFieldProps) {
  return (
    <Field {...field}>
      {(control) => (
        <input
          className="input"
          {...control}
          placeholder={placeholder}
          type={type}
          // biome-ignore lint/a11y/noAutofocus: forms ask for it where the user is about to type
          autoFocus={autoFocus}
          inputMode={mode}
          data-numeric={mode === 'decimal' ? true : undefined}
          value={value}
          onChange={(event) => onValue(event.target.value)}
        />
      )}
    </Field>
  );
}

interface NumberFieldProps extends Omit<Labelled, 'problem'> {
  /** Null where the field is empty. */
  value: number | null;
  least: number;
  most: number;
  /** It may not be empty. */
  required?: boolean;
  /** Told when the user has typed all of it. */
  onCommit(value: number | null): void;
}

const typedNumber = z.object({ typed: z.string().nullable() });
const NOT_TYPED: { typed: string | null } = { typed: null };

/** A whole number that counts once the field is left, or with Enter: half of a number is another one. What does not count yet is marked, and stays. */
export function NumberField({ value, least, most, required = false, onCommit, ...field }: NumberFieldProps) {
  const { draft, change, forget } = useDraft(`number ${field.label}`, typedNumber, NOT_TYPED);
  const { typed } = draft;
  const text = typed ?? String(value ?? '');
  const problem = text.trim() === '' && !required ? null : wholeProblem(text, least, most);
  const commit = () => {
    if (typed === null || problem !== null) return;
    forget();
    const next = text.trim() === '' ? null : Number(text);
    if (next !== value) onCommit(next);
  };
  return (
    <Field {...field} problem={problem} changed={typed !== null}>
      {(control) => (
        <input
          className="input"
          {...control}
          inputMode="decimal"
          data-numeric
          value={text}
          onChange={(event) => change({ typed: event.target.value })}
          onBlur={commit}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && !event.nativeEvent.isComposing) commit();
          }}
        />
      )}
    </Field>
  );
}

interface TextAreaFieldProps extends Labelled {
  value: string;
  rows: number;
  className?: string;
  onValue(value: string): void;
}

export function TextAreaField({ rows, className = '', value, onValue, ...field }: TextAreaFieldProps) {
  return (
    <Field {...field}>
      {(control) => (
        <textarea
          className={`input ${className}`}
          {...control}
          rows={rows}
          value={value}
          onChange={(event) => onValue(event.target.value)}
        />
      )}
    </Field>
  );
}

interface SearchFieldProps extends Pick<InputHTMLAttributes<HTMLInputElement>, 'placeholder' | 'onKeyDown'> {
  label: string;
  value: string;
  /** Called after what was typed is painted: a list takes longer to draw than a letter. Until then the field alone has it. */
  onValue(value: string): void;
  /** `onValue` is called once the user pauses or leaves the field: for a list that has to be asked for. */
  debounced?: boolean;
  className?: string;
  ref?: Ref<HTMLInputElement>;
}

const TYPING_MS = 150;

export function SearchField(props: SearchFieldProps) {
  const { label, value, onValue, debounced = false, className = '', ...input } = props;
  const [typed, setTyped] = useState<string | null>(null);
  const tell = () => {
    if (typed === null) return;
    setTyped(null);
    onValue(typed);
  };
  const tellLater = useEffectEvent(tell);
  useEffect(() => {
    if (typed !== null) return afterPaint(tellLater, debounced ? TYPING_MS : 0);
  }, [typed, debounced]);
  return (
    <input
      {...input}
      className={`input ${className}`}
      type="search"
      aria-label={label}
      value={typed ?? value}
      onChange={(event) => setTyped(event.target.value)}
      onBlur={tell}
    />
  );
}

export interface SelectFieldProps<T extends string> extends Labelled {
  value: T;
  choices: readonly Choice<T>[];
  onValue(value: NoInfer<T>): void;
}

export function SelectField<T extends string>(props: SelectFieldProps<T>) {
  const { value, choices, onValue, ...field } = props;
  return (
    <Field {...field}>
      {(control) => <Select {...control} value={value} choices={choices} onValue={onValue} />}
    </Field>
  );
}

export interface CheckFieldProps {
  label: string;
  value: boolean;
  onValue(value: boolean): void;
  disabled?: boolean;
}

export function CheckField({ label, value, onValue, disabled }: CheckFieldProps) {
  return (
    <label className="check gap-2 middle">
      <input
        type="checkbox"
        checked={value}
        disabled={disabled}
        onChange={(event) => onValue(event.target.checked)}
      />
      <span>{label}</span>
    </label>
  );
}

export interface CheckGroupProps<T extends string> {
  options: readonly { id: T; label: string }[];
  checked: readonly T[];
  disabled?: boolean;
  onChange(checked: T[]): void;
}

/** Check boxes of which any number can be checked; the last one checked comes last. */
export function CheckGroup<T extends string>({ options, checked, disabled, onChange }: CheckGroupProps<T>) {
  return options.map(({ id, label }) => (
    <CheckField
      key={id}
      label={label}
      value={checked.includes(id)}
      disabled={disabled}
      onValue={(on) => onChange(on ? [...checked, id] : checked.filter((other) => other !== id))}
    />
  ));
}

/** Ties controls to the fields of a draft: `<TextField label="Name" {...field('name')} />`. */
export function draftFields<Draft extends object>(
  draft: Draft,
  onChange: (changes: Partial<Draft>) => void,
  problems?: Partial<Record<keyof Draft, string>> | null,
) {
  return <Key extends keyof Draft>(key: Key) => ({
    value: draft[key],
    ...(problems && { problem: problems[key] }),
    onValue: (value: Draft[Key]) => onChange({ [key]: value } as unknown as Partial<Draft>),
  });
}

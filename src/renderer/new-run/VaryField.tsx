import { X } from 'lucide-react';
import type { KeyboardEvent } from 'react';
import { Button, Icon } from '../components/Button.tsx';
import { Field } from '../components/Field.tsx';
import type { Choice } from '../components/Select.tsx';
import type { SchemaField } from '../components/schema.ts';
import { isNumeric, type Varied, variedAs } from './vary.ts';

/** Makes a field one of several values, and one value again. What takes its place has the focus. */
export function VaryButton({ label, deed, onDeed }: { label: string; deed: 'Vary' | 'Fix'; onDeed(): void }) {
  const perform = (section: Element | null) => {
    onDeed();
    requestAnimationFrame(() => {
      const names = deed === 'Vary' ? [`${label} from`, label, `Fix ${label}`] : [`Vary ${label}`];
      const found = names.flatMap((name) => [
        ...(section?.querySelectorAll<HTMLElement>(`:is(input, button)[aria-label="${CSS.escape(name)}"]`) ??
          []),
      ]);
      found[0]?.focus();
    });
  };
  return (
    <Button
      kind="quiet"
      className="vary-deed small"
      aria-label={`${deed} ${label}`}
      onClick={({ currentTarget }) => perform(currentTarget.closest('.new-run-section-body'))}
    >
      {deed}
    </Button>
  );
}

interface VaryFieldProps {
  field: SchemaField;
  /** What it can be, where there is only so much. */
  choices?: readonly Choice<string>[];
  varied: Varied;
  /** The search lists the values of a range, so that it is said how many. */
  listed: boolean;
  /** What the trials have. */
  tried: readonly unknown[];
  problem: string | null;
  /** On what other settings it depends. */
  note?: string;
  onVaried(varied: Varied): void;
}

/** A setting that is varied: a range of numbers, or values. */
export function VaryField(props: VaryFieldProps) {
  const { field, choices, varied, problem, note, onVaried } = props;
  const { label } = field;
  const other = varied.as === 'range' ? 'values' : 'range';
  const change = (changes: Partial<Varied>) => onVaried({ ...varied, ...changes });
  return (
    <div className="vary">
      <Field
        label={label}
        help={note}
        problem={problem}
        changed
        aside={
          <span className="field-aside flex gap-1 middle shrinks">
            {isNumeric(field) && (
              <Button
                kind="quiet"
                className="vary-deed small"
                aria-label={`${other === 'range' ? 'Range' : 'List'} of ${label}`}
                onClick={() => onVaried(variedAs(field, varied, other))}
              >
                {other === 'range' ? 'Range' : 'List'}
              </Button>
            )}
            <VaryButton label={label} deed="Fix" onDeed={() => change({ on: false })} />
          </span>
        }
      >
        {(control) =>
          varied.as === 'range' ? (
            <RangeControl {...props} control={control} change={change} />
          ) : choices ? (
            <ChoiceChips
              {...control}
              label={label}
              choices={choices}
              values={varied.values}
              onValues={(values) => change({ values })}
            />
          ) : (
            <ChipsControl {...control} {...varied} label={label} apart={isNumeric(field)} onChange={change} />
          )
        }
      </Field>
    </div>
  );
}

interface ControlProps {
  id: string;
  'aria-describedby': string | undefined;
  'aria-invalid': boolean;
}

interface RangeControlProps extends VaryFieldProps {
  control: ControlProps;
  change(changes: Partial<Varied>): void;
}

/** From and to, where the trials are between them, how many there are, and whether they are spaced by powers. */
function RangeControl({ field: { label }, varied, listed, tried, control, change }: RangeControlProps) {
  const { id, ...described } = control;
  const { log } = varied;
  const input = (key: 'from' | 'to' | 'count', name: string, ownId?: string) => (
    <input
      className="bare"
      {...described}
      id={ownId}
      aria-label={name}
      inputMode="decimal"
      value={varied[key]}
      onChange={(event) => change({ [key]: event.target.value })}
    />
  );
  return (
    <div className="input vary-box vary-range row">
      {input('from', `${label} from`, id)}
      <Marks {...varied} tried={tried} />
      {input('to', `${label} to`)}
      {listed && (
        <span className="row gap-1 muted small">
          {input('count', `Number of values of ${label}`)}
          values
        </span>
      )}
      <button
        type="button"
        className="chip bare"
        aria-label={`Spacing of ${label}: ${log ? 'log' : 'even'}`}
        title={log ? 'Every power of ten as likely as the next' : 'Evenly spaced'}
        onClick={() => change({ log: !log })}
      >
        {log ? 'log' : 'even'}
      </button>
    </div>
  );
}

/** A tile where a trial is. */
function Marks({ from, to, log, tried }: Varied & { tried: readonly unknown[] }) {
  const scale = (value: number) => (log ? Math.log(value) : value);
  const [low, high] = [scale(Number(from)), scale(Number(to))];
  const places = tried.flatMap((value) => {
    const part = typeof value === 'number' ? (scale(value) - low) / (high - low) : Number.NaN;
    return part >= 0 && part <= 1 ? [`${100 * part}%`] : [];
  });
  return (
    <span className="vary-marks holds grow" aria-hidden="true">
      {places.map((left) => (
        <i key={left} style={{ left }} />
      ))}
    </span>
  );
}

interface ChipsProps extends ControlProps {
  label: string;
  values: readonly string[];
  onValues(values: string[]): void;
}

/** All that can be chosen; what is pressed is tried. */
function ChoiceChips(props: ChipsProps & { choices: readonly Choice<string>[] }) {
  const { id, label, choices, values, onValues } = props;
  const gone = values.filter((value) => !choices.some((choice) => choice.value === value));
  const all = [...choices, ...gone.map((value) => ({ value, label: value }))];
  return (
    // biome-ignore lint/a11y/useSemanticElements: it stands under the label of its field
    <div
      id={id}
      className="input vary-box row wrap"
      role="group"
      aria-label={label}
      aria-describedby={props['aria-describedby']}
    >
      {all
        .filter(({ value }) => value !== '')
        .map(({ value, label: text }) => {
          const isTried = values.includes(value);
          const next = isTried ? values.filter((one) => one !== value) : [...values, value];
          return (
            <button
              key={value}
              type="button"
              className="chip bare vary-choice"
              aria-pressed={isTried}
              onClick={() => onValues(next)}
            >
              {text}
            </button>
          );
        })}
    </div>
  );
}

interface ChipsControlProps extends Omit<ChipsProps, 'onValues'> {
  /** What is typed and no value yet. */
  typed?: string;
  apart: boolean;
  onChange(changes: { values?: string[]; typed?: string }): void;
}

/** Values as chips, and a place to type more. `apart`: commas and spaces separate them, else each is added by Enter. */
export function ChipsControl(props: ChipsControlProps) {
  const { id, label, values, typed: text = '', apart, onChange } = props;
  const add = (typed: string) => {
    const parts = apart ? typed.split(/[,;\s]+/) : [typed.trim()];
    const added = new Set(parts.filter((part) => part !== '' && !values.includes(part)));
    if (text !== '' || added.size > 0) onChange({ values: [...values, ...added], typed: undefined });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && text.trim() !== '') {
      // What starts is what was counted, and this was not yet.
      event.preventDefault();
      event.stopPropagation();
      add(text);
    } else if (event.key === 'Backspace' && text === '' && !event.repeat)
      onChange({ values: values.slice(0, -1) });
  };
  return (
    <div className="input vary-box row wrap">
      {values.map((value) => (
        <span key={value} className="chip">
          {value}
          <button
            type="button"
            className="bare grid muted"
            aria-label={`Leave out ${value}`}
            onClick={() => onChange({ values: values.filter((one) => one !== value) })}
          >
            <Icon of={X} />
          </button>
        </span>
      ))}
      <input
        className="bare"
        id={id}
        aria-describedby={props['aria-describedby']}
        aria-invalid={props['aria-invalid']}
        aria-label={label}
        placeholder={values.length === 0 ? 'Enter after each' : ''}
        value={text}
        onChange={({ target: { value } }) =>
          apart && /[,;\s]$/.test(value) ? add(value) : onChange({ typed: value })
        }
        onBlur={() => add(text)}
        onKeyDown={onKeyDown}
      />
    </div>
  );
}

/** A setting that is varied: a range of numbers or a list of values, as typed. */
import { z } from 'zod';
import { type ModelInfo, settingText, settingValue } from '../../core/api/models.ts';
import { rangeOf } from '../../core/api/studies.ts';
import { fieldText, parseField, type SchemaField, wholeProblem } from '../components/schema.ts';

export const varied = z.object({
  /** False where it is fixed again: what was typed stays. */
  on: z.boolean(),
  as: z.enum(['range', 'values']),
  from: z.string(),
  to: z.string(),
  /** Of values in the range, for a search that lists them. */
  count: z.string(),
  /** Every power of ten as likely as the next. */
  log: z.boolean(),
  values: z.array(z.string()).readonly(),
  /** What is typed and no value yet. */
  typed: z.string().optional(),
});
export type Varied = z.output<typeof varied>;

/** By key of the config. */
export const variedByKey = z.record(z.string(), varied).readonly();
export type VariedByKey = z.output<typeof variedByKey>;

/** A sweep has no more trials. */
const MOST_VALUES = 1000;
/** As many choices are all tried at first. */
const FEW_CHOICES = 3;
export const ONE_VALUE = 'One value varies nothing: add another, or press Fix';

export const isNumeric = ({ type }: SchemaField) => type === 'number' || type === 'integer';

/** Keys that a search can vary: all but those that say how a model is measured. */
export const variedFields = ({ groups }: ModelInfo): string[] =>
  Object.keys(groups).filter((key) => groups[key] !== 'protocol' && key !== 'selection');

/** The keys that are varied now. */
export const variedKeys = (vary: VariedByKey) => Object.keys(vary).filter((key) => vary[key].on);

const EMPTY: Varied = { on: true, as: 'values', from: '', to: '', count: '3', log: false, values: [] };

/** What is offered at first: numbers around the value that the field has, or its choices. */
export function firstVaried(field: SchemaField, value: unknown, choices?: readonly string[]): Varied {
  if (isNumeric(field)) return { ...EMPTY, as: 'range', ...around(field, value), values: textsOf(value) };
  const values = choices && choices.length <= FEW_CHOICES ? choices : textsOf(value);
  return { ...EMPTY, values };
}

const textsOf = (value: unknown) => [fieldText(value)].filter((text) => text !== '');

/** Half to double of a whole number, a tenth to ten times of a fraction without a largest, else a part of what is possible. */
function around(field: SchemaField, value: unknown): Pick<Varied, 'from' | 'to' | 'log'> {
  const now = typeof value === 'number' ? value : 0;
  const least = field.minimum ?? field.exclusiveMinimum ?? 0;
  const most = field.maximum ?? field.exclusiveMaximum ?? Number.POSITIVE_INFINITY;
  const range = (from: number, to: number, log: boolean) => {
    const [low, high] = [from, to].map((end) => Number(Math.min(most, Math.max(least, end)).toPrecision(3)));
    return { from: String(low), to: String(high), log };
  };
  if (field.type === 'integer')
    return now > 1 ? range(Math.floor(now / 2), now * 2, true) : range(now, now + 2, false);
  if (most < Number.MAX_SAFE_INTEGER) {
    const reach = Math.min(now - least, most - now) / 2;
    return reach > 0 ? range(now - reach, now + reach, false) : range(least, (least + most) / 2, false);
  }
  return now > 0 ? range(now / 10, now * 10, true) : range(now, now + 1, false);
}

/** What a sweep varied, as its field shows it. */
export function variedOf(text: string): Varied {
  const range = rangeOf(text);
  if (range)
    return { ...EMPTY, as: 'range', from: String(range.low), to: String(range.high), log: range.log };
  const list = text.trim().startsWith('[') ? settingValue(text) : null;
  const values = Array.isArray(list) ? list.map(fieldText) : text.split(',').map((part) => part.trim());
  return { ...EMPTY, values };
}

/** Why it cannot be searched, in one line; null where it can. `listed`: the search lists the values of a range. */
export function variedProblem(field: SchemaField, vary: Varied, listed: boolean): string | null {
  return vary.as === 'range' ? rangeProblem(field, vary, listed) : valuesProblem(field, vary.values);
}

function rangeProblem(field: SchemaField, { from, to, log, count }: Varied, listed: boolean): string | null {
  if (from.trim() === '' || to.trim() === '') return 'Enter where the range begins and ends';
  const [low, high] = [Number(from), Number(to)];
  const bad = endsProblem(field, [from, to]);
  if (bad) return bad;
  if (log && Math.min(low, high) <= 0)
    return 'A log range begins above 0: enter more than 0, or space it evenly';
  if (low > high) return `The range runs backwards: enter ${to.trim()} first`;
  if (low === high) return ONE_VALUE;
  if (!listed) return null;
  return Number(count) === 1 ? ONE_VALUE : wholeProblem(count, 2, MOST_VALUES);
}

/** The first of the texts that the field does not take. */
function endsProblem(field: SchemaField, texts: readonly string[]): string | null {
  for (const text of texts) {
    const parsed = parseField(field, text);
    if ('problem' in parsed) return `${text.trim()} is not possible: ${parsed.problem}`;
  }
  return null;
}

function valuesProblem(field: SchemaField, texts: readonly string[]): string | null {
  if (texts.length === 0) return 'Enter at least two values';
  const bad = endsProblem(field, texts);
  if (bad) return bad;
  const values = texts.map((text) => JSON.stringify(oneValue(field, text)));
  const twice = texts.find((_, at) => values.indexOf(values[at]) !== at);
  if (twice !== undefined) return `${twice} is listed twice`;
  return texts.length === 1 ? ONE_VALUE : null;
}

function oneValue(field: SchemaField, text: string): unknown {
  const parsed = parseField(field, text);
  return 'value' in parsed ? (parsed.value ?? text) : text;
}

/** Every value, of a range as many as are counted. */
export function valuesOf(field: SchemaField, vary: Varied): unknown[] {
  return vary.as === 'range' ? spaced(field, vary) : vary.values.map((text) => oneValue(field, text));
}

/** Rounded to as few digits as tell them apart. */
function spaced({ type }: SchemaField, { from, to, count, log }: Varied): number[] {
  const [low, high, number] = [Number(from), Number(to), Number(count)];
  const value = (at: number) => {
    const part = at / (number - 1);
    return log ? low * (high / low) ** part : low + (high - low) * part;
  };
  const ends = new Map([
    [0, low],
    [number - 1, high],
  ]);
  for (let digits = 2; ; digits++) {
    const rounded = (at: number) =>
      ends.get(at) ??
      (type === 'integer'
        ? Math.round(value(at))
        : Math.min(high, Math.max(low, Number(value(at).toPrecision(digits)))));
    const values = [...new Set(Array.from({ length: number }, (_, at) => rounded(at)))];
    if (values.length === number || type === 'integer' || digits === 15) return values;
  }
}

/** As a range, or as a list: of the range's values where none was typed. */
export function variedAs(field: SchemaField, vary: Varied, as: Varied['as']): Varied {
  const isFirst = as === 'values' && vary.values.length < 2 && variedProblem(field, vary, true) === null;
  return { ...vary, as, values: isFirst ? valuesOf(field, vary).map(String) : vary.values };
}

/** As a sweep takes it: "0.1, 0.2", a JSON list where that would not be read back, or "log:0.001..0.1". */
export function variedText(field: SchemaField, vary: Varied, listed: boolean): string {
  if (vary.as === 'range' && !listed)
    return `${vary.log ? 'log:' : ''}${Number(vary.from)}..${Number(vary.to)}`;
  const values = valuesOf(field, vary);
  const texts = values.map(settingText);
  const isPlain = texts.every(
    (text, at) => !/[,[\]]|\.\./.test(text) && text === text.trim() && settingValue(text) === values[at],
  );
  return isPlain ? texts.join(', ') : JSON.stringify(values);
}

/** On what other settings it depends that the varied one is read at all: said beneath it, or why its values would change nothing. */
export function condition(
  field: SchemaField,
  fields: readonly SchemaField[],
  vary: VariedByKey,
  config: Readonly<Record<string, unknown>>,
): { note: string } | { problem: string } | null {
  for (const [key, choices] of Object.entries(field.readWith ?? {})) {
    const label = fields.find((one) => one.key === key)?.label ?? key;
    const where = `${label.toLowerCase()} ${choices.join(' or ')}`;
    const other = vary[key]?.on ? vary[key].values : textsOf(config[key]);
    const without = other.filter((text) => !choices.includes(text));
    if (without.length > 0)
      return {
        problem: vary[key]?.on
          ? `Only read with ${where}: leave out ${without.join(', ')} there, or fix one of the two`
          : `Only read with ${where}, and it is ${without[0]}: change that, or press Fix`,
      };
    if (key in config) return { note: `Only read with ${where}` };
  }
  return null;
}

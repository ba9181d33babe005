/** Filters as they are typed, docs/filters.md: "ndcg@10 > .05 model is sasrec", and words that are searched for. */
import { MODEL_TITLES } from '../../../core/api/models.ts';
import type { RunFilter, RunTableFields } from '../../../core/api/runs.ts';
import { nearestName } from '../../format/meant.ts';
import { fieldTitle, filterValue, isRunField, OPERATORS, valueText } from './fields.ts';

export interface TypedFilters {
  filters: RunFilter[];
  /** What is no filter. */
  words: string;
  /** What cannot be read, and the place in the text where it stands. */
  problem: FilterProblem | null;
  /** What the last word may become. */
  completions: Completion[];
}

interface FilterProblem {
  at: number;
  text: string;
  /** What was likely meant, and the whole text with it. */
  meant?: { name: string; text: string };
}

export interface Completion {
  /** The whole text with it. */
  text: string;
  label: string;
  /** The title of a group of fields. */
  group?: string;
  /** With it the filter is whole. */
  isValue?: boolean;
}

type Operator = RunFilter['operator'];

const WORD_OPERATORS: Record<string, Operator> = { is: '=', contains: 'contains', has: 'contains' };
const SIGNS: Record<string, Operator> = {
  ...{ '=': '=', ':': '=', '!=': '!=', '<': '<', '<=': '<=', '≤': '<=', '>': '>', '>=': '>=', '≥': '>=' },
};
const ORDERED: readonly Operator[] = ['<', '<=', '>', '>='];

/** What people write for fields of other names. */
const ALIASES: Record<string, string> = {
  ...{
    run: 'name',
    data: 'dataset',
    tag: 'tags',
    time: 'seconds',
    params: 'parameters',
    created: 'createdAt',
  },
  ...{ ended: 'endedAt', seeds: 'seed', lr: 'config:learningRate', epoch: 'epochs' },
};
const COLUMNS = [
  ...['name', 'model', 'dataset', 'project', 'status', 'tags', 'seed', 'device', 'parameters', 'epochs'],
  ...['selectedEpoch', 'seconds', 'createdAt', 'endedAt', 'protocol'],
];
const MOST_COMPLETIONS = 8;

interface Token {
  at: number;
  /** Behind its last character. */
  end: number;
  text: string;
  isQuoted: boolean;
}

/** The field whose value the last word is; null where it is none. */
export function valueField(text: string, fields: RunTableFields | undefined): string | null {
  return fieldBefore(
    tokensOf(/\s$/.test(text) ? text : text.replace(/[^\s:<>=≤≥]+$/, '')),
    fieldNames(fields),
  );
}

export function readFilters(
  text: string,
  fields: RunTableFields | undefined,
  /** `all`: every field and operator is offered, not only what usually follows. `values`: that runs have of the field before. */
  asking: { all?: boolean; values?: readonly string[] } = {},
): TypedFilters {
  const tokens = tokensOf(text);
  const names = fieldNames(fields);
  const read: TypedFilters = { filters: [], words: '', problem: null, completions: [] };
  const words: string[] = [];
  for (let at = 0; at < tokens.length; ) {
    const found = operatorAt(tokens, at + 1);
    if (tokens[at].isQuoted || found === null) {
      words.push(tokens[at].text);
      at += 1;
      continue;
    }
    const field = names.get(tokens[at].text.toLowerCase());
    const value = tokens[at + 1 + found.length];
    if (field === undefined) {
      const name = nearestName(tokens[at].text, names.keys());
      read.problem ??= problemAt(text, tokens[at], `Runs have no "${tokens[at].text}".`, name);
    } else if (value !== undefined) {
      const filter = filterOf(field, found.operator, value, fields);
      if (typeof filter === 'string') {
        const known = valuesOf(field, fields).flatMap((one) => [one.value, one.title]);
        read.problem ??= problemAt(text, value, filter, nearestName(value.text, known));
      } else read.filters.push(filter);
    }
    at += 2 + found.length;
  }
  const completions = completionsOf(text, tokens, names, { fields, all: false, values: [], ...asking });
  // A metric that is being typed is found in no run, unless runs have a model or another value that begins so.
  const last = tokens.at(-1)?.text.toLowerCase() ?? '';
  const isMetric = [...names].some(([name, of]) => of.startsWith('metric:') && name.startsWith(last));
  const isField = names.has(last) || (isMetric && !isBeginning(last, fields));
  if (completions.length > 0 && words.at(-1)?.toLowerCase() === last && isField) words.pop();
  return { ...read, words: words.join(' '), completions };
}

/** Words, signs and what stands in quotes. */
function tokensOf(text: string): Token[] {
  return [...text.matchAll(/"([^"]*)"?|[<>!]=|[<>=≤≥]|:(?=\S|$)|[^\s<>=≤≥:"!]+(?:![^\s<>=≤≥:"]+)*/g)].map(
    (found) => ({
      at: found.index,
      end: found.index + found[0].length,
      text: found[1] ?? found[0],
      isQuoted: found[1] !== undefined,
    }),
  );
}

function operatorAt(tokens: readonly Token[], at: number): { operator: Operator; length: number } | null {
  const [first, second] = [tokens[at], tokens[at + 1]];
  if (first === undefined || first.isQuoted) return null;
  if (Object.hasOwn(SIGNS, first.text)) return { operator: SIGNS[first.text], length: 1 };
  const word = first.text.toLowerCase();
  if (!Object.hasOwn(WORD_OPERATORS, word)) return null;
  const isNot = word === 'is' && second?.text.toLowerCase() === 'not' && !second.isQuoted;
  return isNot ? { operator: '!=', length: 2 } : { operator: WORD_OPERATORS[word], length: 1 };
}

/** Those of each answer, made once: a home may have very many settings. */
const knownNames = new WeakMap<object, ReadonlyMap<string, string>>();
const NO_FIELDS = {};

/** Fields by what they may be called, in small letters; the test's metrics before others of the same measure. */
function fieldNames(fields: RunTableFields | undefined): ReadonlyMap<string, string> {
  const before = knownNames.get(fields ?? NO_FIELDS);
  if (before) return before;
  const names = new Map<string, string>();
  const add = (name: string, field: string) => {
    if (!names.has(name.toLowerCase()) && isRunField(field)) names.set(name.toLowerCase(), field);
  };
  for (const field of COLUMNS) add(field, field);
  const metrics = (fields?.metrics ?? []).toSorted(
    (a, b) => Number(b.startsWith('test/')) - Number(a.startsWith('test/')),
  );
  for (const metric of metrics) {
    add(metric, `metric:${metric}`);
    add(metric.slice(metric.indexOf('/') + 1), `metric:${metric}`);
  }
  for (const metric of metrics.filter((one) => one.endsWith('@10')))
    add(metric.slice(metric.indexOf('/') + 1, -'@10'.length), `metric:${metric}`);
  for (const key of fields?.config ?? [])
    add(names.has(key.toLowerCase()) ? `config.${key}` : key, `config:${key}`);
  for (const [name, field] of Object.entries(ALIASES)) add(name, field);
  knownNames.set(fields ?? NO_FIELDS, names);
  return names;
}

function problemAt(typed: string, { at, end }: Token, text: string, name: string | null): FilterProblem {
  if (name === null) return { at, text };
  return { at, text, meant: { name, text: typed.slice(0, at) + quoted(name) + typed.slice(end) } };
}

const quoted = (value: string) => (/\s/.test(value) ? `"${value}"` : value);

/** The filter, or why the value is none. */
function filterOf(
  field: string,
  operator: Operator,
  { text, isQuoted }: Token,
  fields: RunTableFields | undefined,
): RunFilter | string {
  const number = Number(text);
  const isNumber = !isQuoted && text.trim() !== '' && Number.isFinite(number);
  if (ORDERED.includes(operator) || field.startsWith('metric:'))
    return isNumber ? { field, operator, value: number } : `"${text}" is not a number.`;
  if (operator === 'contains') return { field, operator, value: text };
  const known = valuesOf(field, fields);
  if (known.length > 0) {
    const value = chosenOf(known, text);
    return value === null ? `No run has "${text}" here.` : { field, operator, value };
  }
  return { field, operator, value: isQuoted ? text : filterValue(field, text) };
}

interface KnownValue {
  value: string;
  title: string;
}

/** The values that runs have, where there are few kinds of them. */
function valuesOf(field: string, fields: RunTableFields | undefined): KnownValue[] {
  const named = (values: readonly string[] = []) => values.map((value) => ({ value, title: value }));
  if (field === 'model')
    return (fields?.models ?? []).map((value) => ({ value, title: MODEL_TITLES[value] ?? value }));
  if (field === 'dataset') return named(fields?.datasets);
  return field === 'project' ? named(fields?.projects) : [];
}

/** Whether a model, data set, project or tag of runs begins so. */
function isBeginning(typed: string, fields: RunTableFields | undefined): boolean {
  const known = ['model', 'dataset', 'project'].flatMap((field) => valuesOf(field, fields));
  return [...known.flatMap(({ value, title }) => [value, title]), ...(fields?.tags ?? [])].some((name) =>
    name.toLowerCase().startsWith(typed),
  );
}

/** The one that is meant: by its name, or as the only one that begins so. */
function chosenOf(known: readonly KnownValue[], text: string): string | null {
  const lower = text.toLowerCase();
  const names = ({ value, title }: KnownValue) => [value.toLowerCase(), title.toLowerCase()];
  const exact = known.find((one) => names(one).includes(lower));
  if (exact) return exact.value;
  const beginning = known.filter((one) => names(one).some((name) => name.startsWith(lower)));
  return beginning.length === 1 ? beginning[0].value : null;
}

/** Of the last word: a field with what usually follows it, an operator, or a value of the field before it. */
function completionsOf(
  text: string,
  tokens: readonly Token[],
  names: ReadonlyMap<string, string>,
  { fields, all, values }: { fields: RunTableFields | undefined; all: boolean; values: readonly string[] },
): Completion[] {
  const last = tokens.at(-1);
  const isOpen = last !== undefined && !/\s$/.test(text);
  const typed = isOpen ? last.text.toLowerCase() : '';
  const before = isOpen ? text.slice(0, last.at) : text;
  const earlier = isOpen ? tokens.slice(0, -1) : tokens;
  const field = fieldBefore(earlier, names);
  if (field !== null) {
    const known = valuesOf(field, fields);
    return (known.length > 0 ? known : values.map((value) => ({ value, title: valueText(field, value) })))
      .filter(({ value, title }) => `${title} ${value}`.toLowerCase().includes(typed))
      .slice(0, MOST_COMPLETIONS)
      .map(({ value, title }) => ({
        text: `${before}${quoted(value)} `,
        label: title,
        isValue: true,
      }));
  }
  const asked = all && !isOpen ? names.get(earlier.at(-1)?.text.toLowerCase() ?? '') : undefined;
  if (asked !== undefined) return operatorsOf(asked, before);
  if (typed.length < 2 && !all) return [];
  const found = [...names].filter(
    ([name, of]) => name.startsWith(typed) || (all && fieldTitle(of).toLowerCase().includes(typed)),
  );
  const seen = [...new Map(found.map(([name, of]) => [of, name]))];
  if (all)
    return seen.map(([of, name]) => ({
      text: `${before}${name} `,
      label: fieldTitle(of),
      group: groupOf(of),
    }));
  return seen.slice(0, MOST_COMPLETIONS).map(([of, name]) => {
    const follows = of.startsWith('metric:') ? '>' : 'is';
    return { text: `${before}${name} ${follows} `, label: `${name} ${follows} …` };
  });
}

const groupOf = (field: string) =>
  field.startsWith('metric:') ? 'Metrics' : field.startsWith('config:') ? 'Config' : 'Run';

function operatorsOf(field: string, before: string): Completion[] {
  const all = Object.entries(OPERATORS);
  const fitting = field.startsWith('metric:') ? all.filter(([operator]) => operator !== 'contains') : all;
  return fitting.map(([operator, label]) => ({
    text: `${before}${/^[<>]/.test(operator) ? operator : label} `,
    label,
  }));
}

/** The field whose value comes next. */
function fieldBefore(tokens: readonly Token[], names: ReadonlyMap<string, string>): string | null {
  for (const back of [2, 3]) {
    const at = tokens.length - back;
    if (at < 0 || operatorAt(tokens, at + 1)?.length !== back - 1) continue;
    return names.get(tokens[at].text.toLowerCase()) ?? null;
  }
  return null;
}

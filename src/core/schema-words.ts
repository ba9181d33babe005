/** What is wrong with a value that a schema refuses, in the words of who wrote it. */
import type { z } from 'zod';

type Issue = z.core.$ZodRawIssue;

const KINDS: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'keys with values',
  record: 'keys with values',
  null: 'empty',
};

/** What a value is, as a schema would have asked for it. */
function kindOf(value: unknown): string {
  if (Array.isArray(value)) return KINDS.array;
  if (typeof value === 'boolean') return String(value);
  return KINDS[value === null ? 'null' : typeof value] ?? typeof value;
}

/** "at least 1", "less than 3", of a length with its unit. */
function limitText(
  limit: number | bigint,
  way: [atTheLimit: string, beyondIt: string],
  issue: Issue,
): string {
  const { origin, exact, inclusive } = issue as { origin?: string; exact?: boolean; inclusive?: boolean };
  const [atTheLimit, beyondIt] = way;
  const words = exact ? 'exactly' : inclusive === false ? beyondIt : atTheLimit;
  const unit = origin === 'string' ? ' character' : origin === 'array' || origin === 'set' ? ' item' : '';
  const counted = `${words} ${limit}${unit}${unit === '' || Number(limit) === 1 ? '' : 's'}`;
  return unit === '' ? `must be ${counted}` : `must have ${counted}`;
}

/** Of several forms those that can stand there, where each is a kind or a few values; else what is wrong with the one that fits longest. */
function unionText(branches: readonly (readonly z.core.$ZodIssue[])[]): string {
  const firsts = branches.flatMap((issues) => issues.slice(0, 1));
  const deepest = firsts.toSorted((a, b) => b.path.length - a.path.length).at(0);
  if (deepest && deepest.path.length > 0) return `${deepest.path.join('.')}: ${deepest.message}`;
  const wanted = firsts.map((issue) =>
    issue.code === 'invalid_type'
      ? kindWords(issue.expected)
      : issue.code === 'invalid_value'
        ? issue.values
        : null,
  );
  const other = wanted.indexOf(null);
  if (other >= 0) return firsts[other].message;
  return wanted.length === 0 ? OTHERWISE : `must be ${[...new Set(wanted.flat())].join(' or ')}`;
}

const kindWords = (expected: string) => KINDS[expected] ?? expected;
const OTHERWISE = 'is not what can stand here';

/** One line that goes after the name of a field: "must be text, not a number: put it in quotes". */
export function schemaWords(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type': {
      if (issue.input === undefined) return 'is missing';
      // Of what is whole, or without end, the number says more than its kind.
      const isNumber = ['int', 'number'].includes(issue.expected) && typeof issue.input === 'number';
      const given = isNumber ? issue.input : kindOf(issue.input);
      const isBare = typeof issue.input === 'number' || typeof issue.input === 'boolean';
      const quotes = issue.expected === 'string' && isBare ? ': put it in quotes' : '';
      return `must be ${kindWords(issue.expected)}, not ${given}${quotes}`;
    }
    case 'invalid_value':
      return `must be ${issue.values.length === 1 ? '' : 'one of '}${issue.values.join(', ')}`;
    case 'too_small':
      if (issue.origin === 'string' && issue.minimum === 1) return 'must not be empty';
      return limitText(issue.minimum, ['at least', 'more than'], issue);
    case 'too_big':
      return limitText(issue.maximum, ['at most', 'less than'], issue);
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`;
    case 'invalid_format':
      return `must have the form ${issue.pattern ?? issue.format}`;
    case 'unrecognized_keys':
      return `there is no ${issue.keys.map((key) => `"${key}"`).join(', ')} here`;
    case 'invalid_union':
      return issue.input === undefined ? 'is missing' : unionText(issue.errors);
    default:
      return OTHERWISE;
  }
}

/** JSON as its text has it: numbers keep their digits, objects the order of their keys. */
import { MAX_JSON_DEPTH } from './json.ts';

/** A number by its text, which may have more digits than a double holds. */
export class NumberText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type ExactJson = string | boolean | null | NumberText | ExactJson[] | ExactObject;
export type ExactObject = Map<string, ExactJson>;

/** A string, a number as JSON and Python's json write it, a sign, or a word. */
const TOKEN =
  /\s*(?:("[^"\\]*(?:\\.[^"\\]*)*")|(-?(?:(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?|Infinity)|NaN)|([{}[\],:])|(true|false|null))/y;

/** The value of a text; undefined where it is no JSON, or is nested deeper than `MAX_JSON_DEPTH`. */
export function parseExactJson(text: string): ExactJson | undefined {
  const tokens = new RegExp(TOKEN);
  try {
    const value = valueAt(tokens, text, 0);
    return text.slice(tokens.lastIndex).trim() === '' ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function next(tokens: RegExp, text: string): RegExpExecArray {
  const token = tokens.exec(text);
  if (token === null) throw new SyntaxError('no JSON');
  return token;
}

function valueAt(tokens: RegExp, text: string, depth: number): ExactJson {
  const [, string, number, sign, word] = next(tokens, text);
  if (string !== undefined) return JSON.parse(string) as string;
  if (number !== undefined) return new NumberText(number);
  if (word !== undefined) return word === 'null' ? null : word === 'true';
  if (depth >= MAX_JSON_DEPTH || (sign !== '{' && sign !== '[')) throw new SyntaxError('no JSON');
  return sign === '{' ? objectAt(tokens, text, depth) : arrayAt(tokens, text, depth);
}

/** Whether an object or array that has just begun ends here. */
function isEmpty(tokens: RegExp, text: string, end: string): boolean {
  const before = tokens.lastIndex;
  if (tokens.exec(text)?.[3] === end) return true;
  tokens.lastIndex = before;
  return false;
}

function objectAt(tokens: RegExp, text: string, depth: number): ExactObject {
  const object: ExactObject = new Map();
  if (isEmpty(tokens, text, '}')) return object;
  for (;;) {
    const [, key] = next(tokens, text);
    if (key === undefined || next(tokens, text)[3] !== ':') throw new SyntaxError('no JSON');
    object.set(JSON.parse(key) as string, valueAt(tokens, text, depth + 1));
    if (isEnd(next(tokens, text)[3], '}')) return object;
  }
}

function arrayAt(tokens: RegExp, text: string, depth: number): ExactJson[] {
  const array: ExactJson[] = [];
  if (isEmpty(tokens, text, ']')) return array;
  for (;;) {
    array.push(valueAt(tokens, text, depth + 1));
    if (isEnd(next(tokens, text)[3], ']')) return array;
  }
}

function isEnd(sign: string | undefined, end: string): boolean {
  if (sign !== ',' && sign !== end) throw new SyntaxError('no JSON');
  return sign === end;
}

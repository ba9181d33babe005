import { readFileSync } from 'node:fs';
import { messageOf, UserError } from '../errors.ts';

/** How deep an object may be nested: recursive code ends at a few thousand levels, and some takes quadratic time. */
export const MAX_JSON_DEPTH = 500;

/** The value of a JSON text; null where it cannot be parsed: every schema of an object then refuses it. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The value of a JSON file. Throws UserError that begins with `problem` where it cannot be read. */
export function readJson(path: string, problem = 'cannot be read as JSON'): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new UserError(`${path}: ${problem}: ${messageOf(error)}`);
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object of a JSON text; null for every other value, and for one that is nested too deep. */
export function parseObject(text: string): Record<string, unknown> | null {
  const value = isTooDeep(text) ? null : parseJson(text);
  return isObject(value) ? value : null;
}

/** Whether a value is nested deeper than `parseObject` takes. */
export function isTooDeep(json: string): boolean {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < json.length; at++) {
    const sign = json[at];
    if (quoted && sign === '\\') at++;
    else if (sign === '"') quoted = !quoted;
    else if (!quoted && (sign === '[' || sign === '{')) depth++;
    else if (!quoted && (sign === ']' || sign === '}')) depth--;
    if (depth > MAX_JSON_DEPTH) return true;
  }
  return false;
}

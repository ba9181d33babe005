/** Files of settings and results that Python programs write. */
import { existsSync, readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { isObject } from '../../files/json.ts';
import { flatEntries, MOST_ENTRIES, pythonJson, type TrackerListener } from './told.ts';

/** Types of Python, which are read as what they hold. */
const TYPES = /!!python\/[^\s,\]}]+/g;

/** The values of a file by key, nested ones with dots; none where there is no such file. What cannot be read is told. */
export function settingsIn(path: string, to: TrackerListener): Record<string, unknown> {
  if (!existsSync(path)) return {};
  try {
    const found = load(readFileSync(path, 'utf8').replaceAll(TYPES, ''));
    const budget = { left: MOST_ENTRIES };
    const entries = isObject(found) ? flatEntries(found, '.', '', budget) : [];
    if (budget.left < 0) to.lost(`${path} has more than ${MOST_ENTRIES} settings; the first were read`, null);
    return Object.fromEntries(entries);
  } catch {
    to.lost(`${path} cannot be read as YAML`, null);
    return {};
  }
}

/** The object in a file of JSON; null where it holds none, or cannot be read. */
export function jsonIn(path: string): Record<string, unknown> | null {
  try {
    const value = pythonJson(readFileSync(path, 'utf8'));
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

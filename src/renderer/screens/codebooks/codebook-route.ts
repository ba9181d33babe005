/** "#/codebooks/<run>/<view>?at=12.201&item=5&by=categories:2&with=<run>": what is looked at, and how. */
import type { CategoryChoice } from '../../../core/api/codebooks.ts';
import { goTo, type Route, useRoute } from '../../state/navigation.ts';

/** A code a level; null for any. */
export type Pattern = (number | null)[];

export interface CodebookRoute {
  /** Null for the newest. */
  run: string | null;
  view: string;
  pattern: Pattern;
  item: number | null;
  /** Undefined for the usual categories, null for none. */
  category: CategoryChoice | null | undefined;
  /** The tokeniser beside it. */
  other: string | null;
  /** A user's id, whose recommendation is decoded. */
  user: string | null;
}

export const FIRST_VIEW = 'overview';
const ANY = '*';
const NO_CATEGORY = 'none';

export function patternText(pattern: readonly (number | null)[]): string {
  return pattern.map((code) => code ?? ANY).join('.');
}

function patternOf(text: string | null): Pattern {
  if (!text) return [];
  return text.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : null));
}

function categoryOf(text: string | null): CategoryChoice | null | undefined {
  if (text === null) return undefined;
  const [, column, depth] = /^(.*):(\d+)$/.exec(text) ?? [];
  return column === undefined ? null : { column, depth: Number(depth) };
}

export function readCodebookRoute({ path, query }: Route): CodebookRoute {
  const [run = null, view = FIRST_VIEW] = path;
  const item = query.get('item');
  return {
    run,
    view,
    pattern: patternOf(query.get('at')),
    item: item !== null && /^\d+$/.test(item) ? Number(item) : null,
    category: categoryOf(query.get('by')),
    other: query.get('with'),
    user: query.get('user'),
  };
}

export function goToCodebooks(place: CodebookRoute): void {
  const { run, view, pattern, item, category, other, user } = place;
  if (run === null) {
    goTo('codebooks');
    return;
  }
  const by = category === null ? NO_CATEGORY : category && `${category.column}:${category.depth}`;
  goTo('codebooks', view === FIRST_VIEW ? [run] : [run, view], {
    ...(pattern.some((code) => code !== null) ? { at: patternText(trimmed(pattern)) } : {}),
    ...(item === null ? {} : { item: String(item) }),
    ...(by === undefined ? {} : { by }),
    ...(other === null ? {} : { with: other }),
    ...(user === null ? {} : { user }),
  });
}

/** Without what is open at the end. */
export function trimmed(pattern: readonly (number | null)[]): Pattern {
  return pattern.slice(0, pattern.findLastIndex((code) => code !== null) + 1);
}

/** The pattern with another code at a level; the same code again opens the level. */
export function toggled(pattern: readonly (number | null)[], level: number, code: number): Pattern {
  const next = Array.from({ length: Math.max(pattern.length, level + 1) }, (_, at) => pattern[at] ?? null);
  next[level] = next[level] === code ? null : code;
  return trimmed(next);
}

export function useCodebookRoute(): [CodebookRoute, (changes: Partial<CodebookRoute>) => void] {
  const place = readCodebookRoute(useRoute());
  return [place, (changes) => goToCodebooks({ ...place, ...changes })];
}

/** "#/codebooks/<run>/<view>?at=12.201&item=5&by=categories:2&with=<run>": what is looked at, and how. */
import type { CategoryChoice } from '../../../core/api/codebooks.ts';
import { goTo, type Route, replaceQuery, useRoute } from '../../state/navigation.ts';

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
  /** What a view keeps besides: the look of a map, the order of codes. */
  look: Record<string, string>;
}

export const FIRST_VIEW = 'map';
const ANY = '*';
const NO_CATEGORY = 'none';

export function patternText(pattern: readonly (number | null)[]): string {
  return pattern.map((code) => code ?? ANY).join('.');
}

function patternOf(text: string | undefined): Pattern {
  if (!text) return [];
  return text.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : null));
}

function categoryOf(text: string | undefined): CategoryChoice | null | undefined {
  if (text === undefined) return undefined;
  const [, column, depth] = /^(.*):(\d+)$/.exec(text) ?? [];
  return column === undefined ? null : { column, depth: Number(depth) };
}

export function readCodebookRoute({ path, query }: Route): CodebookRoute {
  const [run = null, view = FIRST_VIEW] = path;
  const { at, item, by, with: other, user, ...look } = Object.fromEntries(query);
  return {
    run,
    view,
    pattern: patternOf(at),
    item: /^\d+$/.test(item ?? '') ? Number(item) : null,
    category: categoryOf(by),
    other: other ?? null,
    user: user ?? null,
    look,
  };
}

export function goToCodebooks(place: CodebookRoute): void {
  const { run, view, pattern, item, category, other, user, look } = place;
  if (run === null) {
    goTo('codebooks');
    return;
  }
  const by = category === null ? NO_CATEGORY : category && `${category.column}:${category.depth}`;
  const path = view === FIRST_VIEW ? [run] : [run, view];
  const query = {
    ...look,
    ...(pattern.some((code) => code !== null) ? { at: patternText(trimmed(pattern)) } : {}),
    ...(item === null ? {} : { item: String(item) }),
    ...(by === undefined ? {} : { by }),
    ...(other === null ? {} : { with: other }),
    ...(user === null ? {} : { user }),
  };
  // Another view is a place to come back from; what is selected in one is not.
  const isHere = useRoute.getState().path.join('/') === path.join('/');
  if (isHere) replaceQuery(query);
  else goTo('codebooks', path, query);
}

/** Without what is open at the end. */
export function trimmed(pattern: readonly (number | null)[]): Pattern {
  return pattern.slice(0, pattern.findLastIndex((code) => code !== null) + 1);
}

/** The pattern with another code at a level; the same code again opens the level. */
export function toggled(pattern: readonly (number | null)[], level: number, code: number): Pattern {
  return trimmed(withCode(pattern, level, pattern[level] === code ? null : code));
}

export function withCode(pattern: readonly (number | null)[], level: number, code: number | null): Pattern {
  const next = Array.from({ length: Math.max(pattern.length, level + 1) }, (_, at) => pattern[at] ?? null);
  next[level] = code;
  return next;
}

/** What comes late changes neither what was chosen meanwhile nor another page. */
export function useCodebookRoute(): [CodebookRoute, (changes: Partial<CodebookRoute>) => void] {
  const place = readCodebookRoute(useRoute());
  const change = (changes: Partial<CodebookRoute>) => {
    const now = useRoute.getState();
    if (now.screen === 'codebooks') goToCodebooks({ ...readCodebookRoute(now), ...changes });
  };
  return [place, change];
}

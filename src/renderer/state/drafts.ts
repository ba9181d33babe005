/** What a user types and has not submitted: kept by data folder through a reload, a crash, and what closes its form. */
import { useCallback, useEffect, useMemo, useRef } from 'react';
import { z } from 'zod';
import { homeStore, useHome } from './home-store.ts';

/** By key in the order in which they were last changed; each as it was stored, which may be of an older version. */
const useDrafts = homeStore<Record<string, unknown>>(() => ({}));

const PREFIX = 'tessera-draft';
/** As many are kept of a folder; those that were not changed for the longest time go. */
const MOST = 100;

const stored = z.object({ at: z.number(), value: z.unknown() });

const placeOf = (home: string, key: string) => `${PREFIX} ${home}\n${key}`;

function keysOf(home: string): string[] {
  const prefix = placeOf(home, '');
  return Object.keys(localStorage).flatMap((name) =>
    name.startsWith(prefix) ? [name.slice(prefix.length)] : [],
  );
}

function parsed(text: string | null): z.output<typeof stored> | undefined {
  try {
    return stored.safeParse(JSON.parse(text ?? '')).data;
  } catch {
    return undefined;
  }
}

useHome.subscribe(({ home }, before) => {
  if (home === null || home === before.home) return;
  const found = keysOf(home)
    .map((key) => ({ key, at: 0, value: undefined, ...parsed(localStorage.getItem(placeOf(home, key))) }))
    .sort((one, other) => one.at - other.at);
  for (const { key } of found.slice(0, -MOST)) localStorage.removeItem(placeOf(home, key));
  const kept = found.slice(-MOST).flatMap(({ key, value }) => (value === undefined ? [] : [[key, value]]));
  // What was typed before the folder was known is newer.
  const typed = Object.entries(useDrafts.getState());
  useDrafts.setState(Object.fromEntries(kept), true);
  for (const [key, value] of typed) keepDraft(key, value);
});

/** Undefined forgets it. */
export function keepDraft(key: string, value: unknown): void {
  const { home } = useHome.getState();
  useDrafts.setState(
    ({ [key]: _, ...others }) => (value === undefined ? others : { ...others, [key]: value }),
    true,
  );
  if (home === null) return;
  try {
    if (value === undefined) localStorage.removeItem(placeOf(home, key));
    else localStorage.setItem(placeOf(home, key), JSON.stringify({ at: Date.now(), value }));
  } catch {
    // There is no more room: it is kept as long as the window.
  }
}

/** What is kept under a key; undefined where nothing is that can be read. */
export function keptDraft<Draft>(key: string, schema: z.ZodType<Draft>): Draft | undefined {
  return schema.safeParse(useDrafts.getState()[key]).data;
}

/** The key that begins so and was changed last, with what is kept there. */
export function useLastDraft<Draft>(prefix: string, schema: z.ZodType<Draft>): [string, Draft] | undefined {
  const drafts = useDrafts();
  return useMemo(() => {
    for (const [key, value] of Object.entries(drafts).reverse()) {
      const draft = key.startsWith(prefix) ? schema.safeParse(value).data : undefined;
      if (draft !== undefined) return [key.slice(prefix.length), draft];
    }
  }, [drafts, prefix, schema]);
}

export interface KeptDraft<Draft> {
  /** What is kept, else what it begins as. */
  draft: Draft;
  isKept: boolean;
  change(changes: Partial<Draft> | ((now: Draft) => Partial<Draft>)): void;
  /** Once it was submitted, or given up. */
  forget(): void;
}

/**
 * What is typed into a form, by a key of its own. `schema` reads what is kept, which may be of an earlier version: it takes whatever can
 * be typed, also what cannot be submitted. Keep it stable.
 */
export function useDraft<Draft extends object>(
  key: string,
  schema: z.ZodType<Draft>,
  first: Draft,
): KeptDraft<Draft> {
  const raw = useDrafts((drafts) => drafts[key]);
  const kept = useMemo(() => schema.safeParse(raw).data, [raw, schema]);
  const latest = useRef(first);
  useEffect(() => {
    latest.current = first;
  });
  const change = useCallback(
    (changes: Partial<Draft> | ((now: Draft) => Partial<Draft>)) => {
      const now = { ...latest.current, ...keptDraft(key, schema) };
      keepDraft(key, { ...now, ...(typeof changes === 'function' ? changes(now) : changes) });
    },
    [key, schema],
  );
  const forget = useCallback(() => keepDraft(key, undefined), [key]);
  return { draft: kept ?? first, isKept: kept !== undefined, change, forget };
}

/** What this window has changed of the data folder: to take it back and to do it again, also after a reload or a restart. */
import { z } from 'zod';
import { type Change, reversed, type WantedChange, wantedChange } from '../../core/api/changes.ts';
import { client, errorDetails, problemText } from './api.ts';
import { homeStore, useHome } from './home-store.ts';
import { goToAddress } from './navigation.ts';
import { announce, attempt, notify } from './toasts.ts';
import { windowNumber } from './window-place.ts';

/** What was done, as data: main carries it out, either way round. */
export interface Deed {
  /** A noun: "rename of sasrec-a". */
  label: string;
  changes: Change[];
  /** The address of what comes back. */
  shows?: string;
}

type Direction = 'undo' | 'redo';

/** The last one first to go. */
export const useDeeds = homeStore<Record<Direction, readonly Deed[]>>(() => ({ undo: [], redo: [] }));

const PREFIX = 'tessera-deeds';
const MOST = 100;
/** Characters: thousands of runs may change at once, and a browser keeps some five million. */
const MOST_KEPT = 1_000_000;

const made = wantedChange.refine(({ from }) => from !== undefined).transform((change) => change as Change);
const storedDeed = z.object({
  label: z.string(),
  changes: z.array(made).min(1),
  shows: z.string().optional(),
});
const stack = z.array(storedDeed.nullable().catch(null)).catch([]);
const stored = z.object({ undo: stack, redo: stack }).catch({ undo: [], redo: [] });

const placeOf = async (key: string) => `${PREFIX} ${key}\n${await windowNumber()}`;

function kept(text: string | null): Record<Direction, Deed[]> {
  const { undo, redo } = stored.parse(parsed(text));
  const whole = (deeds: (Deed | null)[]) => deeds.filter((deed) => deed !== null);
  return { undo: whole(undo), redo: whole(redo) };
}

function parsed(text: string | null): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return null;
  }
}

useHome.subscribe(({ key }, before) => {
  if (key !== before.key) void read(key);
});

async function read(key: string): Promise<void> {
  const place = await placeOf(key);
  if (useHome.getState().key !== key) return;
  const { undo, redo } = kept(localStorage.getItem(place));
  // What was done before they were read is newer.
  const now = useDeeds.getState();
  const isNew = now.undo.length > 0;
  keep({ undo: [...undo, ...now.undo], redo: isNew ? now.redo : redo });
}

/** The newest that there is room for. */
function keep(deeds: Record<Direction, readonly Deed[]>): void {
  const state = { undo: deeds.undo.slice(-MOST), redo: deeds.redo.slice(-MOST) };
  useDeeds.setState(state, true);
  let { undo } = state;
  let text = JSON.stringify(state);
  while (text.length > MOST_KEPT && undo.length > 0) {
    undo = undo.slice(1);
    text = JSON.stringify({ undo, redo: [] });
  }
  const { key } = useHome.getState();
  // They are kept together with those that are kept already, once it is known which these are.
  if (key === '') return;
  void placeOf(key).then((place) => {
    try {
      localStorage.setItem(place, text);
    } catch {
      // There is no more room: they are kept as long as the window.
    }
  });
}

/** How to close the message that offers to take a deed back. */
const offers = new WeakMap<Deed, () => void>();

/** What a deed is called, and what is said of it once it is done. */
export interface DeedWords extends Pick<Deed, 'label' | 'shows'> {
  /** What is said, with an offer to take it back; nothing where it can be seen. */
  title?: string;
  /** It is said under the dialogs: what came of something that was begun elsewhere. */
  elsewhere?: boolean;
}

/** Remembers what was done. */
export function remember({ title, elsewhere, ...deed }: DeedWords & Deed): void {
  if (deed.changes.length === 0) return;
  keep({ undo: [...useDeeds.getState().undo, deed], redo: [] });
  if (title === undefined) return;
  const action = { label: 'Undo', perform: () => void takeBack(deed), keys: 'Mod+Z' };
  offers.set(deed, (elsewhere ? announce : notify)({ level: 'info', title, action }));
}

/** A window that has just been opened may not have heard of it yet. */
const homeKey = async () => useHome.getState().key || (await client.settings.system()).homeKey;

const isOpen = (key: string) => [key, ''].includes(useHome.getState().key);

/** Makes changes that can be taken back, whatever there was, and tells where they cannot be made. */
export function change(
  failure: string,
  words: DeedWords | ((made: readonly Change[]) => DeedWords),
  wanted: readonly WantedChange[],
): Promise<boolean> {
  return attempt(failure, async () => {
    const home = await homeKey();
    const free = wanted.map((one) => ({ ...one, from: undefined }));
    const changes = await client.changes.make({ home, changes: free });
    // Another folder may be open by now.
    if (!isOpen(home)) return;
    remember({ ...(typeof words === 'function' ? words(changes) : words), changes });
  });
}

let last: Promise<unknown> = Promise.resolve();
/** Refused once: what stood in the way was said. */
const refused = new WeakSet<Deed>();

/** Takes a deed back. Default: the last one. */
export const takeBack = (deed?: Deed): Promise<void> => inTurn('undo', deed);

/** Does again what was taken back. Default: the last of that. */
export const doAgain = (deed?: Deed): Promise<void> => inTurn('redo', deed);

/** Keys may come faster than answers. */
function inTurn(direction: Direction, deed?: Deed): Promise<void> {
  const turn = last.then(() => turnRound(direction, deed));
  last = turn;
  return turn;
}

async function turnRound(direction: Direction, wanted?: Deed): Promise<void> {
  const { key } = useHome.getState();
  const all = useDeeds.getState()[direction];
  const deed = wanted ?? all.at(-1);
  if (deed === undefined || !all.includes(deed)) return;
  const isUndo = direction === 'undo';
  try {
    const changes = isUndo ? reversed(deed.changes) : deed.changes;
    await client.changes.make({ home: key, changes });
  } catch (error) {
    const isOver = errorDetails(error).code === 'changed' && wanted === undefined;
    if (isOver && refused.has(deed)) {
      // Said before: now it is what was done before it that is meant.
      leave(direction, deed);
      return turnRound(direction);
    }
    refused.add(deed);
    notify({ level: 'error', title: `Could not ${direction} ${deed.label}`, text: problemText(error) });
    return;
  }
  offers.get(deed)?.();
  if (useHome.getState().key !== key) return;
  leave(direction, deed);
  const other = isUndo ? 'redo' : 'undo';
  const deeds = useDeeds.getState();
  keep({ ...deeds, [other]: [...deeds[other], deed] });
  if (isUndo && deed.shows !== undefined) goToAddress(deed.shows);
  if (wanted === undefined) tellOf(deed, isUndo);
}

function leave(direction: Direction, deed: Deed): void {
  const deeds = useDeeds.getState();
  keep({ ...deeds, [direction]: deeds[direction].filter((other) => other !== deed) });
}

/** It may have been anywhere. */
function tellOf(deed: Deed, isUndone: boolean): void {
  const action = isUndone
    ? { label: 'Redo', perform: () => void doAgain(deed) }
    : { label: 'Undo', perform: () => void takeBack(deed) };
  const title = `${isUndone ? 'Undone' : 'Redone'}: ${deed.label}`;
  offers.set(deed, notify({ level: 'info', title, action }));
}

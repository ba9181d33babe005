import { topLayer } from '../state/layers.ts';
import { isEnabled } from './action.ts';
import { currentActions } from './registry.ts';

export const isMac = /mac/i.test(navigator.platform);
const SEQUENCE_MS = 1_000;

type Pressed = Pick<KeyboardEvent, 'key' | 'code' | 'metaKey' | 'ctrlKey' | 'altKey' | 'shiftKey'>;

/** A key event as a shortcut is written: "Mod+Shift+K", "Delete", "?". */
export function shortcutOf(event: Pressed): string {
  const mod = isMac ? event.metaKey : event.ctrlKey;
  const letter = event.key.length === 1;
  // Where letters are Greek or Cyrillic, the key itself tells which one is meant.
  const typed =
    letter && event.key > '~' && /^Key[A-Z]$/.test(event.code)
      ? event.code.slice(3).toLowerCase()
      : event.key;
  const key = letter && (mod || event.altKey) ? typed.toUpperCase() : typed;
  const parts = [
    mod ? 'Mod' : '',
    event.altKey ? 'Alt' : '',
    // Of "?" the shift is part of the character.
    event.shiftKey && (!letter || mod) ? 'Shift' : '',
    key,
  ];
  return parts.filter((part) => part !== '').join('+');
}

/** As the user's keyboard shows it: "G then R", "Ctrl+K". */
export function shortcutLabel(shortcut: string): string {
  if (shortcut === ' ') return 'Space';
  // A capital is typed with Shift.
  const keys = shortcut
    .replace(/^[A-Z]$/, 'Shift+$&')
    .replace(/\b[a-z]\b/g, (letter) => letter.toUpperCase())
    .replace(' ', ' then ');
  return isMac
    ? keys.replace('Mod+', '⌘').replace('Shift+', '⇧').replace('Alt+', '⌥')
    : keys.replace('Mod', 'Ctrl');
}

/** Inputs that take no letters; a space or an arrow is theirs, and no action's. */
const NO_TEXT = ['checkbox', 'radio', 'button', 'file'];

/** In a field they are of what is typed there, and below a dialog nothing is taken back unseen. */
const TAKES_BACK = ['Mod+Z', 'Mod+Shift+Z'];
const leads = (shortcut: string) => shortcut.includes('Mod+') && !TAKES_BACK.includes(shortcut);

/** Letters belong to what is typed; keys with a modifier do not. */
function isTyping({ target }: KeyboardEvent, shortcut: string): boolean {
  if (leads(shortcut) || !(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement && NO_TEXT.includes(target.type)) return false;
  return target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName);
}

/** Performs the actions whose shortcuts are pressed, two-key ones such as "g r" included. */
export function listenToKeys(): () => void {
  let first: { key: string; time: number } | null = null;
  const handleEvent = (event: KeyboardEvent) => {
    const shortcut = shortcutOf(event);
    // A key that is held does once what it does, and one that composes a character is text.
    if (event.repeat || event.isComposing || event.defaultPrevented || isTyping(event, shortcut)) return;
    const top = topLayer();
    if (top === 'menu' || (top === 'dialog' && !leads(shortcut))) return;
    const recent = first && event.timeStamp - first.time < SEQUENCE_MS ? `${first.key} ${shortcut}` : null;
    first = { key: shortcut, time: event.timeStamp };
    const actions = currentActions().reverse();
    const action =
      actions.find(({ shortcut: keys }) => recent !== null && keys === recent) ??
      actions.find(({ shortcut: keys }) => keys === shortcut);
    if (!action || !isEnabled(action)) return;
    event.preventDefault();
    first = null;
    void action.perform();
  };
  window.addEventListener('keydown', handleEvent);
  return () => window.removeEventListener('keydown', handleEvent);
}

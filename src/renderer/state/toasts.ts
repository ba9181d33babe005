import { problemText } from './api.ts';
import { homeStore } from './home-store.ts';

export interface Toast {
  id: number;
  level: 'info' | 'warn' | 'error';
  title: string;
  text?: string;
  /** One thing to do about it, such as "Undo", and the key that does the newest of them. */
  action?: { label: string; perform(): void; keys?: string };
  /** Of the dialog that tells it; null where the page does. */
  foot: symbol | null;
}

type News = Omit<Toast, 'id' | 'foot'>;

const SHOWN_MS = 5_000;
/** One that offers something to do about it, which has to be read and reached first. */
const OFFERED_MS = 10_000;
/** How long a message stays at least after it was held. */
const HELD_MS = 2_000;
const MOST = 3;

export const useToasts = homeStore<{ toasts: Toast[] }>(() => ({ toasts: [] }));

let lastId = 0;
let isHeld = () => false;

/**
 * While one of them is pointed at or has the focus, all messages stay. It is asked only when one should go: no event tells
 * that the message with the focus was closed.
 */
export function holdToastsWhile(test: () => boolean): void {
  isHeld = test;
}

/** The last few; an error stays until somebody has read it. */
function newest(toasts: readonly Toast[]): Toast[] {
  const errors = toasts.filter(({ level }) => level === 'error').length;
  const others = toasts.filter(({ level }) => level !== 'error').slice(-Math.max(1, MOST - errors));
  return toasts.filter((toast) => toast.level === 'error' || others.includes(toast));
}

/** Of the dialogs that are open, the top one last. */
const feet: symbol[] = [];

/** A dialog tells what it does as long as it is open; what is left then is told by what was below it. Returns how to end it. */
export function tellIn(foot: symbol): () => void {
  feet.push(foot);
  return () => {
    feet.splice(feet.indexOf(foot), 1);
    const below = feet.at(-1) ?? null;
    useToasts.setState(({ toasts }) => ({
      toasts: toasts.map((toast) => (toast.foot === foot ? { ...toast, foot: below } : toast)),
    }));
  };
}

/** Tells what came of what the user did, in the dialog where it was done. Returns how to close the message. */
export const notify = (toast: News): (() => void) => show({ ...toast, foot: feet.at(-1) ?? null });

/** Tells what happened elsewhere: under the dialogs. Returns how to close the message. */
export const announce = (toast: News): (() => void) => show({ ...toast, foot: null });

/** Also as a notification of the system, where the window is not looked at. */
function show(toast: Omit<Toast, 'id'>): () => void {
  const id = ++lastId;
  useToasts.setState(({ toasts }) => ({ toasts: newest([...toasts, { ...toast, id }]) }));
  const close = () =>
    useToasts.setState(({ toasts }) => ({ toasts: toasts.filter((shown) => shown.id !== id) }));
  const later = (wait: number) => setTimeout(() => (isHeld() ? later(HELD_MS) : close()), wait);
  // An error stays until it is closed.
  if (toast.level !== 'error') later(toast.action ? OFFERED_MS : SHOWN_MS);
  if (document.hidden && 'Notification' in window && Notification.permission === 'granted') {
    new Notification(toast.title, { body: toast.text }).onclick = () => window.focus();
  }
  return close;
}

/**
 * Asks once for the right to notify while the window is not looked at. Call it where the user has just started
 * something long: a browser asks its user only then, and the user knows what for.
 */
export function askToNotify(): void {
  if ('Notification' in window && Notification.permission === 'default') {
    void Notification.requestPermission();
  }
}

/** Runs what a button asks for, and tells where it fails. */
export async function attempt(title: string, work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    notify({ level: 'error', title, text: problemText(error) });
    return false;
  }
}

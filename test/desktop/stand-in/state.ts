/** What a test sets before the program starts, and what it asks afterwards. */

export interface StandInOptions {
  /** From the first window on: before that, native modules of this platform are loaded. */
  platform?: NodeJS.Platform;
  /** A hidden window is never ready to be shown (electron/electron#48859), and its page takes so long to load. */
  wayland?: { loadMs: number };
  dark?: boolean;
  /** What loading the page comes to. */
  page?: 'fails';
  /** Whether another instance has the lock. */
  locked?: boolean;
  packaged?: boolean;
  openExternalFails?: boolean;
  /** The user quits as soon as there is a window. */
  quitsAtOnce?: boolean;
  /** Another start asks for this as soon as there is a window. */
  startsAgainAtOnce?: unknown;
  /** The button that is pressed, by the message of the box; null never answers. */
  answers?: Record<string, number | null>;
  /** Where the dialogs for files and folders lead; null cancels them. */
  chosen?: string | null;
}

export interface WindowState {
  shown: boolean;
  /** Milliseconds from its making until it was shown. */
  shownAfter: number | null;
  focused: boolean;
  maximised: boolean;
  minimised: boolean;
  destroyed: boolean;
  /** Whether it was ever shown before it was maximised. */
  flashed: boolean;
  options: Record<string, unknown> & { webPreferences: Record<string, unknown> };
  loaded: string | null;
  /** Labels of the menu bar when it was made. */
  menu: string[];
}

export interface StandInRecord {
  /** Names of what was called and emitted, in order. */
  calls: string[];
  windows: WindowState[];
  /** Labels of the menu bar. */
  menu: string[];
  boxes: { message: string; detail?: string }[];
  relaunches: unknown[];
  /** Menus at the pointer: roles of their items. */
  popups: (string | undefined)[][];
  clipboard: string | null;
  theme: string;
  modelId: string | null;
  /** What the page got of main. */
  actions: string[];
  opened: string[][];
  notices: string[];
  /** Status and policy of app:// for the address that was loaded. */
  answer: { status: number; policy: string | null } | null;
  /** What nobody caught. */
  uncaught: string[];
}

export const options = JSON.parse(process.env.STAND_IN ?? '{}') as StandInOptions;

export const record: StandInRecord = {
  calls: [],
  windows: [],
  menu: [],
  boxes: [],
  relaunches: [],
  popups: [],
  clipboard: null,
  theme: 'system',
  modelId: null,
  actions: [],
  opened: [],
  notices: [],
  answer: null,
  uncaught: [],
};

export function noted<T>(name: string, answer?: T): (...values: unknown[]) => T {
  return () => {
    record.calls.push(name);
    return answer as T;
  };
}

for (const kind of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(kind, (error) => void record.uncaught.push(String(error)));
}

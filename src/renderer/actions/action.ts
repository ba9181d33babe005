import type { LucideIcon } from 'lucide-react';

/** An action is defined once: the menu bar, the palette, the shortcuts and their sheet, buttons and menus come from it. */
export interface Action {
  /** Unique, such as "runs.delete". */
  id: string;
  /** What it does wherever it is found: in the menu bar and the palette. */
  label: string;
  /** On buttons and in menus, where what it is done to is in sight. Default: the label. */
  short?: string;
  /** Of its button. */
  icon?: LucideIcon;
  /** Where it stands in the menu bar and the palette. */
  group: 'File' | 'Edit' | 'View' | 'Go' | 'Run' | 'Help';
  /** Such as "Mod+K", "Shift+Delete" or "g r"; Mod is Cmd on a Mac and Ctrl elsewhere. */
  shortcut?: string;
  /** More words the palette finds it by. */
  keywords?: string;
  /** What is typed first to find it in the palette, where its label names what one may look for: nobody is to do it by mistake. */
  verb?: string;
  /** Whether the action is available. Default: true. */
  enabled?(): boolean;
  /** Why it is not. */
  why?: string;
  perform(): void | Promise<void>;
}

/** An action that a menu names. */
export const menuAction = (
  id: string,
  group: Action['group'],
  label: string,
  perform: () => unknown,
  more?: Partial<Action>,
): Action => ({ id, group, label, perform: () => void perform(), ...more });

/**
 * The actions as they can be added to those that are there: a key that leads elsewhere already, or would begin or end a
 * sequence of keys that does, is refused, and named by `onClash`.
 */
export function withFreeKeys(
  added: readonly Action[],
  present: readonly Action[],
  onClash: (action: Action, other: Action) => void,
): Action[] {
  const kept: Action[] = [];
  for (const action of added) {
    const other = [...present, ...kept].find(
      ({ id, shortcut }) => id !== action.id && clash(shortcut, action.shortcut),
    );
    if (other) onClash(action, other);
    kept.push(other ? { ...action, shortcut: undefined } : action);
  }
  return kept;
}

/** Whether two shortcuts are one, or one is the first key of the other. */
function clash(one: string | undefined, other: string | undefined): boolean {
  if (one === undefined || other === undefined) return false;
  return one === other || one.startsWith(`${other} `) || other.startsWith(`${one} `);
}

export function isEnabled({ enabled }: Pick<Action, 'enabled'>): boolean {
  return enabled?.() ?? true;
}

/** An action is defined once: the menu bar, the palette, the shortcuts and their sheet all come from it. */
export interface Action {
  /** Unique, such as "runs.delete". */
  id: string;
  label: string;
  /** Where it stands in the menu bar and the palette. */
  group: 'File' | 'Edit' | 'View' | 'Go' | 'Run' | 'Help';
  /** Such as "Mod+K", "Shift+Delete" or "g r"; Mod is Cmd on a Mac and Ctrl elsewhere. */
  shortcut?: string;
  /** More words the palette finds it by. */
  keywords?: string;
  /** Whether the action is available. Default: true. */
  enabled?(): boolean;
  perform(): void | Promise<void>;
}

export function isEnabled({ enabled }: Pick<Action, 'enabled'>): boolean {
  return enabled?.() ?? true;
}

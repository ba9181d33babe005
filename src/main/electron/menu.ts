import type { ContextMenuParams, MenuItemConstructorOptions } from 'electron';
import { z } from 'zod';

const GROUPS = ['File', 'Edit', 'View', 'Go', 'Run', 'Help'] as const;

export const menuEntries = z
  .array(
    z.object({
      id: z.string().max(200),
      label: z.string().max(200),
      group: z.enum(GROUPS),
      shortcut: z.string().max(50).nullable(),
      enabled: z.boolean(),
    }),
  )
  .max(500);
export type MenuEntries = z.output<typeof menuEntries>;

/** Standard items of a group. */
function systemItems(group: (typeof GROUPS)[number], mac: boolean): MenuItemConstructorOptions[] {
  const roles: Partial<Record<typeof group, MenuItemConstructorOptions['role'][]>> = {
    File: [mac ? 'close' : 'quit'],
    Edit: ['undo', 'redo', 'cut', 'copy', 'paste', 'selectAll'],
    View: ['resetZoom', 'zoomIn', 'zoomOut', 'togglefullscreen'],
  };
  return (roles[group] ?? []).map((role) => ({ role }));
}

/**
 * The menu bar, from the same actions as the palette. Shortcuts are shown, not registered: the window's own
 * keys perform them, so that none fires twice.
 */
export function menuTemplate(
  entries: MenuEntries,
  perform: (id: string) => void,
  mac: boolean,
): MenuItemConstructorOptions[] {
  const menus = GROUPS.flatMap((group): MenuItemConstructorOptions[] => {
    const actions = entries
      .filter((entry) => entry.group === group)
      .map(({ id, label, shortcut, enabled }): MenuItemConstructorOptions => {
        // The page of a window has heard the keys, and has done it.
        const click: MenuItemConstructorOptions['click'] = (_item, window, { triggeredByAccelerator }) => {
          if (!window || !triggeredByAccelerator) perform(id);
        };
        const accelerator = shortcut?.includes('+') ? shortcut.replace('Mod', 'CmdOrCtrl') : undefined;
        return { id, label, enabled, accelerator, registerAccelerator: false, click };
      });
    const system = systemItems(group, mac);
    const line: MenuItemConstructorOptions[] =
      actions.length > 0 && system.length > 0 ? [{ type: 'separator' }] : [];
    const submenu = group === 'File' ? [...actions, ...line, ...system] : [...system, ...line, ...actions];
    return submenu.length > 0 ? [{ label: group, submenu }] : [];
  });
  return mac ? [{ role: 'appMenu' }, ...menus, { role: 'windowMenu' }] : menus;
}

/** The menu at the pointer where the page has none of its own: for a text that is edited or selected. */
export function textMenu({ isEditable, selectionText }: ContextMenuParams): MenuItemConstructorOptions[] {
  if (isEditable) return [{ role: 'cut' }, { role: 'copy' }, { role: 'paste' }, { role: 'selectAll' }];
  return selectionText.trim() === '' ? [] : [{ role: 'copy' }];
}

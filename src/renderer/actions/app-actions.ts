import { newRunAction } from '../new-run/new-run.ts';
import { measureAction } from '../results/result-import.ts';
import { sidebarScreens } from '../screens/registry.ts';
import { client } from '../state/api.ts';
import { goTo } from '../state/navigation.ts';
import type { ThemeChoice } from '../state/theme.ts';
import { attempt } from '../state/toasts.ts';
import type { Action } from './action.ts';
import { usePalette } from './Palette.tsx';
import { useShortcutsSheet } from './ShortcutsSheet.tsx';

function themeAction(theme: ThemeChoice, label: string): Action {
  return {
    id: `view.theme.${theme}`,
    label,
    group: 'View',
    keywords: 'theme appearance',
    perform: async () => {
      await attempt('Could not save the theme', () => client.settings.write({ theme }));
    },
  };
}

/** What can be done on every screen. */
export const appActions: readonly Action[] = [
  ...sidebarScreens.map(
    ({ id, title, key, keywords }): Action => ({
      id: `go.${id}`,
      label: `Go to ${title}`,
      group: 'Go',
      shortcut: `g ${key}`,
      keywords,
      perform: () => goTo(id),
    }),
  ),
  themeAction('system', 'Follow the system theme'),
  themeAction('light', 'Light theme'),
  themeAction('dark', 'Dark theme'),
  newRunAction(),
  measureAction(),
  {
    id: 'reproduce.open',
    label: 'Reproduce a report or a bundle',
    group: 'Run',
    keywords: 'again zip html artefact train evaluate',
    perform: () => goTo('reproduce'),
  },
  {
    id: 'help.palette',
    label: 'Show all commands',
    group: 'Help',
    shortcut: 'Mod+K',
    perform: () => usePalette.setState(({ open }) => ({ open: !open })),
  },
  {
    id: 'help.log',
    label: 'Show the log of Tessera',
    group: 'Help',
    shortcut: 'g o',
    keywords: 'bug report problem errors warnings',
    perform: () => goTo('log'),
  },
  {
    id: 'help.shortcuts',
    label: 'Show keyboard shortcuts',
    group: 'Help',
    shortcut: '?',
    perform: () => useShortcutsSheet.setState({ open: true }),
  },
];

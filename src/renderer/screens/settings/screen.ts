import type { ScreenDefinition } from '../registry.ts';

export const screen: ScreenDefinition = {
  id: 'settings',
  title: 'Settings',
  order: 90,
  key: 's',
  load: () => import('./SettingsScreen.tsx'),
};

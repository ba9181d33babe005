import { lazy } from 'react';
import type { ScreenDefinition } from '../registry.ts';

export const screen: ScreenDefinition = {
  id: 'settings',
  title: 'Settings',
  order: 90,
  key: 's',
  component: lazy(() => import('./SettingsScreen.tsx')),
};

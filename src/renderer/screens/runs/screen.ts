import type { ScreenDefinition } from '../registry.ts';

export const screen: ScreenDefinition = {
  id: 'runs',
  title: 'Runs',
  order: 10,
  key: 'r',
  load: () => import('./RunsScreen.tsx'),
};

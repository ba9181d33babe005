import type { ScreenDefinition } from '../registry.ts';

export const screen: ScreenDefinition = {
  id: 'run',
  title: 'Run',
  order: 11,
  key: '',
  parent: 'runs',
  load: () => import('./RunScreen.tsx'),
};

import type { ScreenDefinition } from '../registry.ts';

export const screen: ScreenDefinition = {
  id: 'datasets',
  title: 'Data sets',
  order: 20,
  key: 'd',
  load: () => import('./DatasetsScreen.tsx'),
};

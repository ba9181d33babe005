import type { ScreenDefinition } from '../registry.ts';

export const screen: ScreenDefinition = {
  id: 'compare',
  title: 'Compare',
  order: 20,
  key: 'c',
  load: () => import('./CompareScreen.tsx'),
};

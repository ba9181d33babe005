import type { ScreenDefinition } from '../registry.ts';

export const screen: ScreenDefinition = {
  id: 'scaling',
  title: 'Scaling',
  order: 45,
  key: 'l',
  load: () => import('./ScalingScreen.tsx'),
};

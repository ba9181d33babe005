import type { ScreenDefinition } from '../registry.ts';

export const screen: ScreenDefinition = {
  id: 'queue',
  title: 'Queue',
  order: 40,
  key: 'q',
  load: () => import('./QueueScreen.tsx'),
};

import type { ScreenDefinition } from '../registry.ts';

export const screen: ScreenDefinition = {
  id: 'published',
  title: 'Published',
  order: 60,
  key: 'p',
  load: () => import('./PublishedScreen.tsx'),
};

import { lazy } from 'react';
import type { ScreenDefinition } from '../registry.ts';

export const screen: ScreenDefinition = {
  id: 'published',
  title: 'Published',
  order: 60,
  key: 'p',
  component: lazy(() => import('./PublishedScreen.tsx')),
};

import { lazy } from 'react';
import type { ScreenDefinition } from '../registry.ts';

export const screen: ScreenDefinition = {
  id: 'queue',
  title: 'Queue',
  order: 40,
  key: 'q',
  component: lazy(() => import('./QueueScreen.tsx')),
};

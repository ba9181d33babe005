import { lazy } from 'react';
import type { ScreenDefinition } from '../registry.ts';

export const screen: ScreenDefinition = {
  id: 'compare',
  title: 'Compare',
  order: 20,
  key: 'c',
  component: lazy(() => import('./CompareScreen.tsx')),
};

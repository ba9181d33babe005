import type { ScreenDefinition } from '../registry.ts';

export const screen: ScreenDefinition = {
  id: 'codebooks',
  title: 'Codebooks',
  order: 30,
  key: 'b',
  load: () => import('./CodebooksScreen.tsx'),
};

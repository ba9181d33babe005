import type { ScreenDefinition } from '../registry.ts';

export const screen: ScreenDefinition = {
  id: 'language',
  title: 'Language',
  order: 35,
  key: 'l',
  load: () => import('./LanguageScreen.tsx'),
};

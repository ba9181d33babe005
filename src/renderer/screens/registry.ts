import type { ComponentType } from 'react';

/** A place of the window: the folder screens/<id>. */
export interface ScreenDefinition {
  /** Also the first part of its address: "#/runs". */
  id: string;
  title: string;
  /** Second key of "g …"; empty without a place in the sidebar. */
  key: string;
  /** The screen it is reached from, where it has no place of its own in the sidebar. */
  parent?: string;
  /** Its code, fetched with the first visit. */
  load(): Promise<{ default: ComponentType }>;
}

/** Every screen there is, in the order of the sidebar. */
export const screens: readonly ScreenDefinition[] = [
  { id: 'runs', title: 'Runs', key: 'r', load: () => import('./runs/RunsScreen.tsx') },
  { id: 'run', title: 'Run', key: '', parent: 'runs', load: () => import('./run/RunScreen.tsx') },
  { id: 'compare', title: 'Compare', key: 'c', load: () => import('./compare/CompareScreen.tsx') },
  { id: 'datasets', title: 'Data sets', key: 'd', load: () => import('./datasets/DatasetsScreen.tsx') },
  { id: 'codebooks', title: 'Codebooks', key: 'b', load: () => import('./codebooks/CodebooksScreen.tsx') },
  { id: 'language', title: 'Language', key: 'l', load: () => import('./language/LanguageScreen.tsx') },
  { id: 'queue', title: 'Queue', key: 'q', load: () => import('./queue/QueueScreen.tsx') },
  { id: 'scaling', title: 'Scaling', key: 'l', load: () => import('./scaling/ScalingScreen.tsx') },
  { id: 'published', title: 'Published', key: 'p', load: () => import('./published/PublishedScreen.tsx') },
  { id: 'settings', title: 'Settings', key: 's', load: () => import('./settings/SettingsScreen.tsx') },
];

/** Those with a place in the sidebar. */
export const sidebarScreens = screens.filter(({ parent }) => parent === undefined);

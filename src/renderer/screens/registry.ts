import type { ComponentType, LazyExoticComponent } from 'react';

/** A place in the sidebar. A screen is the folder screens/<id> with a file screen.ts that exports one of these. */
export interface ScreenDefinition {
  /** Also the first part of its address: "#/runs". */
  id: string;
  title: string;
  /** Place in the sidebar, smallest first. */
  order: number;
  /** Second key of "g …". */
  key: string;
  /** Loaded with the first visit. */
  component: LazyExoticComponent<ComponentType>;
}

const found = import.meta.glob<{ screen: ScreenDefinition }>('./*/screen.ts', { eager: true });

/** Every screen there is, in the order of the sidebar. */
export const screens: readonly ScreenDefinition[] = Object.values(found)
  .map(({ screen }) => screen)
  .sort((a, b) => a.order - b.order);

import type { ComponentType } from 'react';

/** A place of the window. A screen is the folder screens/<id> with a file screen.ts that exports one of these. */
export interface ScreenDefinition {
  /** Also the first part of its address: "#/runs". */
  id: string;
  title: string;
  /** Place in the sidebar, smallest first. */
  order: number;
  /** Second key of "g …"; of no use without a place in the sidebar. */
  key: string;
  /** The screen it is reached from, where it has no place of its own in the sidebar. */
  parent?: string;
  /** Its code, fetched with the first visit. */
  load(): Promise<{ default: ComponentType }>;
}

const found = import.meta.glob<{ screen: ScreenDefinition }>('./*/screen.ts', { eager: true });

/** Every screen there is. */
export const screens: readonly ScreenDefinition[] = Object.values(found)
  .map(({ screen }) => screen)
  .sort((a, b) => a.order - b.order);

/** Those in the sidebar, in its order. */
export const sidebarScreens = screens.filter(({ parent }) => parent === undefined);

import {
  BookOpen,
  ChartSpline,
  Database,
  House,
  LayoutGrid,
  ListChecks,
  ListOrdered,
  type LucideIcon,
  MessageSquareText,
  Scale,
  Server,
  Settings,
  SlidersHorizontal,
  SquareStack,
  Trash2,
} from 'lucide-react';
import type { ComponentType } from 'react';
import { SCHEDULERS } from '../../core/api/hosts.ts';

/** A place of the window: the folder screens/<id>. */
interface Place {
  /** Also the first part of its address: "#/runs". */
  id: string;
  title: string;
  /** Its code, fetched with the first visit. */
  load(): Promise<{ default: ComponentType }>;
}

/** A place in the sidebar. */
export interface SidebarScreen extends Place {
  /** Second key of "g …". */
  key: string;
  icon: LucideIcon;
  /** The heading it stands under. */
  group: 'Start' | 'Experiments' | 'Data' | 'Reference' | 'Machines' | 'Foot';
  /** More words the palette finds it by. */
  keywords?: string;
}

/** A place that is reached from another one. */
interface InnerScreen extends Place {
  parent: string;
}

export type ScreenDefinition = SidebarScreen | InnerScreen;

/** Every screen there is, in the order of the sidebar. */
export const screens: readonly ScreenDefinition[] = [
  {
    id: 'home',
    title: 'Home',
    key: 'h',
    icon: House,
    group: 'Start',
    load: () => import('./home/HomeScreen.tsx'),
  },
  {
    id: 'plans',
    title: 'Plans',
    key: 'n',
    icon: ListChecks,
    group: 'Experiments',
    keywords: 'paper tables experiment yaml',
    load: () => import('./plans/PlansScreen.tsx'),
  },
  {
    id: 'runs',
    title: 'Runs',
    key: 'r',
    icon: SquareStack,
    group: 'Experiments',
    load: () => import('./runs/RunsScreen.tsx'),
  },
  { id: 'run', title: 'Run', parent: 'runs', load: () => import('./run/RunScreen.tsx') },
  {
    id: 'reproduce',
    title: 'Reproduce',
    parent: 'runs',
    load: () => import('./reproduce/ReproduceScreen.tsx'),
  },
  {
    id: 'compare',
    title: 'Compare',
    key: 'c',
    icon: Scale,
    group: 'Experiments',
    load: () => import('./compare/CompareScreen.tsx'),
  },
  {
    id: 'sweeps',
    title: 'Sweeps',
    key: 'w',
    icon: SlidersHorizontal,
    group: 'Experiments',
    load: () => import('./sweeps/SweepsScreen.tsx'),
  },
  {
    id: 'scaling',
    title: 'Scaling',
    key: 'x',
    icon: ChartSpline,
    group: 'Experiments',
    load: () => import('./scaling/ScalingScreen.tsx'),
  },
  {
    id: 'queue',
    title: 'Queue',
    key: 'q',
    icon: ListOrdered,
    group: 'Experiments',
    load: () => import('./queue/QueueScreen.tsx'),
  },
  {
    id: 'datasets',
    title: 'Data sets',
    key: 'd',
    icon: Database,
    group: 'Data',
    load: () => import('./datasets/DatasetsScreen.tsx'),
  },
  {
    id: 'codebooks',
    title: 'Codebooks',
    key: 'b',
    icon: LayoutGrid,
    group: 'Data',
    load: () => import('./codebooks/CodebooksScreen.tsx'),
  },
  {
    id: 'language',
    title: 'Language',
    key: 'l',
    icon: MessageSquareText,
    group: 'Data',
    load: () => import('./language/LanguageScreen.tsx'),
  },
  {
    id: 'published',
    title: 'Published',
    key: 'p',
    icon: BookOpen,
    group: 'Reference',
    load: () => import('./published/PublishedScreen.tsx'),
  },
  {
    id: 'machines',
    title: 'Machines',
    key: 'm',
    icon: Server,
    group: 'Machines',
    keywords: `hosts ssh cluster workstation remote ${Object.keys(SCHEDULERS).join(' ')}`,
    load: () => import('./machines/MachinesScreen.tsx'),
  },
  { id: 'log', title: 'Log', parent: 'machines', load: () => import('./log/LogScreen.tsx') },
  {
    id: 'trash',
    title: 'Trash',
    key: 't',
    icon: Trash2,
    group: 'Foot',
    load: () => import('./trash/TrashScreen.tsx'),
  },
  {
    id: 'settings',
    title: 'Settings',
    key: 's',
    icon: Settings,
    group: 'Foot',
    load: () => import('./settings/SettingsScreen.tsx'),
  },
];

export const sidebarScreens = screens.filter((screen): screen is SidebarScreen => 'group' in screen);

/** The place in the sidebar that an address belongs to. */
export function sidebarPlace(id: string): string {
  const screen = screens.find((entry) => entry.id === id);
  return screen && 'parent' in screen ? screen.parent : id;
}

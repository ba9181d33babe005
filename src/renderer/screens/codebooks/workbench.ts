/** What all views of a tokeniser share: what is asked about, what is selected, and how to change it. */
import { createContext, useContext, useMemo } from 'react';
import type {
  CategoryChoice,
  CodebookFacts,
  CodebookView,
  SelectedView,
} from '../../../core/api/codebooks.ts';
import { homeStore } from '../../state/home-store.ts';
import { type CodebookRoute, type Pattern, toggled } from './codebook-route.ts';

interface TransientView {
  run: string;
  /** Null for the snapshot that counts. */
  step: number | null;
  /** A key asked for the search of items. */
  isFinding: boolean;
}

/** What belongs to the moment and not to the address: the snapshot, and that an item is looked for. */
export const useTransientView = homeStore<TransientView>(() => ({
  ...{ run: '', step: null, isFinding: false },
}));

export interface Workbench {
  facts: CodebookFacts;
  place: CodebookRoute;
  /** The questions' common part; stable while nothing changes. */
  view: CodebookView;
  selected: SelectedView;
  category: CategoryChoice | null;
  change(changes: Partial<CodebookRoute>): void;
  /** Selects a code of a level, or opens the level again. */
  toggle(level: number, code: number): void;
  select(pattern: Pattern): void;
  clear(): void;
}

export function useMakeWorkbench(
  facts: CodebookFacts,
  place: CodebookRoute,
  change: (changes: Partial<CodebookRoute>) => void,
): Workbench {
  const transient = useTransientView();
  // Of a training that goes on each saved state is asked for by itself.
  const step =
    (transient.run === facts.run ? transient.step : null) ?? (facts.isTraining ? facts.selected : null);
  const category = place.category === undefined ? facts.category : place.category;
  const key = JSON.stringify([facts.run, step, category, place.pattern]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: equal questions are one, however often they are made
  const { view, selected } = useMemo(() => {
    const request: CodebookView = { run: facts.run, step, category };
    return { view: request, selected: { ...request, pattern: place.pattern } };
  }, [key]);
  const select = (pattern: Pattern) => change({ pattern });
  return {
    facts,
    place,
    view,
    selected,
    category,
    change,
    select,
    toggle: (level, code) => select(toggled(place.pattern, level, code)),
    clear: () => change({ pattern: [], item: null }),
  };
}

export const WorkbenchContext = createContext<Workbench | null>(null);

export function useWorkbench(): Workbench {
  const workbench = useContext(WorkbenchContext);
  if (!workbench) throw new Error('there is no workbench around this view');
  return workbench;
}

/** Whether anything narrows the catalogue. */
export function isNarrowed({ place }: Workbench): boolean {
  return place.pattern.some((code) => code !== null);
}

/** What all views of a tokeniser share: what is asked about, what is selected, and how to change it. */
import { createContext, useContext, useMemo } from 'react';
import { create } from 'zustand';
import type {
  CategoryChoice,
  CodebookFacts,
  CodebookSelection,
  CodebookView,
  SelectedView,
} from '../../../core/api/codebooks.ts';
import { type CodebookPlace, type Pattern, toggled } from './codebook-place.ts';

type Lasso = NonNullable<CodebookSelection['lasso']>;

interface Passing {
  run: string;
  /** Null for the snapshot that counts. */
  step: number | null;
  lasso: Lasso | null;
}

/** What belongs to the moment and not to the address: the snapshot and the shape drawn on a map. */
export const usePassing = create<Passing>(() => ({ run: '', step: null, lasso: null }));

export interface Workbench {
  facts: CodebookFacts;
  place: CodebookPlace;
  /** The questions' common part; stable while nothing changes. */
  view: CodebookView;
  selected: SelectedView;
  category: CategoryChoice | null;
  change(changes: Partial<CodebookPlace>): void;
  /** Selects a code of a level, or opens the level again. */
  toggle(level: number, code: number): void;
  select(pattern: Pattern): void;
  setLasso(lasso: Lasso | null): void;
  clear(): void;
}

export function useMakeWorkbench(
  facts: CodebookFacts,
  place: CodebookPlace,
  change: (changes: Partial<CodebookPlace>) => void,
): Workbench {
  const passing = usePassing();
  const own = passing.run === facts.run;
  const step = own ? passing.step : null;
  const lasso = own ? passing.lasso : null;
  const category = place.category === undefined ? facts.category : place.category;
  const key = JSON.stringify([facts.run, step, category, place.pattern, lasso]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: equal questions are one, however often they are made
  const { view, selected } = useMemo(() => {
    const asked: CodebookView = { run: facts.run, step, category };
    return { view: asked, selected: { ...asked, selection: { pattern: place.pattern, lasso } } };
  }, [key]);
  const setPassing = (changes: Partial<Passing>) =>
    usePassing.setState({ run: facts.run, step, lasso, ...changes });
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
    setLasso: (next) => setPassing({ lasso: next }),
    clear: () => {
      setPassing({ lasso: null });
      change({ pattern: [], item: null });
    },
  };
}

export const WorkbenchContext = createContext<Workbench | null>(null);

export function useWorkbench(): Workbench {
  const workbench = useContext(WorkbenchContext);
  if (!workbench) throw new Error('there is no workbench around this view');
  return workbench;
}

/** Whether anything narrows the catalogue. */
export function isNarrowed({ selected: { selection } }: Workbench): boolean {
  return selection.lasso !== null || selection.pattern.some((code) => code !== null);
}

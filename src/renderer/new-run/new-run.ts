import { z } from 'zod';
import { create } from 'zustand';
import type { Action } from '../actions/action.ts';
import { useView } from '../state/view.ts';
import type { LastChoice, RunDraft, RunTemplate } from './draft.ts';

interface NewRunState {
  /** Null while the dialog is closed. */
  template: RunTemplate | null;
  /** Tells one opening from the next. */
  opening: number;
}

export const useNewRun = create<NewRunState>(() => ({ template: null, opening: 0 }));

/** What was typed of new runs and not started, by what their form was opened with. */
export const useKeptDrafts = create<Record<string, RunDraft | null>>(() => ({}));

export function keepDraft(template: RunTemplate, draft: RunDraft | null): void {
  useKeptDrafts.setState({ [JSON.stringify(template)]: draft });
}

/** What was typed after the same opening, if its data set is still there. What could not be read was never part of it. */
export function keptDraft(template: RunTemplate, datasets: readonly { name: string }[]): RunDraft | null {
  const kept = useKeptDrafts.getState()[JSON.stringify(template)];
  if (!kept || !datasets.some(({ name }) => name === kept.dataset)) return null;
  return { ...kept, problems: 0, models: kept.models.map((one) => ({ ...one, problems: 0 })) };
}

const lastChoice = z.object({ dataset: z.string(), model: z.string(), on: z.string().optional() });
const checkLast = (stored: unknown): LastChoice | null => lastChoice.safeParse(stored).data ?? null;

/** The data set and model that were last trained in this data folder, where any were; forms open on them. */
export function useLastChoice() {
  return useView<LastChoice | null>('new-run:last', null, checkLast);
}

/** Opens the dialog that puts runs into the queue. */
export function openNewRun(template: RunTemplate = {}): void {
  useNewRun.setState(({ opening }) => ({ template, opening: opening + 1 }));
}

export function closeNewRun(): void {
  useNewRun.setState({ template: null });
}

/** The action that opens the dialog, on a data set or in a project where one is shown. */
export function newRunAction(template: RunTemplate = {}): Action {
  return {
    id: 'run.new',
    label: 'New run',
    group: 'Run',
    shortcut: 'n',
    keywords: 'train start model',
    perform: () => openNewRun(template),
  };
}

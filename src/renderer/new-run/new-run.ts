import { z } from 'zod';
import type { Action } from '../actions/action.ts';
import { keepDraft, keptDraft, useLastDraft } from '../state/drafts.ts';
import { homeStore } from '../state/home-store.ts';
import { useView } from '../state/view.ts';
import { type LastChoice, type RunDraft, type RunTemplate, runDraft } from './draft.ts';

interface NewRunState {
  /** Null while the dialog is closed. */
  template: RunTemplate | null;
  /** Tells one opening from the next. */
  opening: number;
}

export const useNewRun = homeStore<NewRunState>(() => ({ template: null, opening: 0 }));

const DRAFT = 'new run ';
const keyOf = (template: RunTemplate) => DRAFT + JSON.stringify(template);

/** Keeps what was typed of new runs and is not started, by what their form was opened with; null forgets it. */
export function keepRunDraft(template: RunTemplate, draft: RunDraft | null): void {
  keepDraft(keyOf(template), draft ?? undefined);
}

/** The one that was changed last, and how its form is opened. */
export function useLastRunDraft(): { draft: RunDraft; open(): void } | null {
  const last = useLastDraft(DRAFT, runDraft);
  return last ? { draft: last[1], open: () => openNewRun(JSON.parse(last[0])) } : null;
}

/** What was typed after the same opening, if its data set is still there. Drafts of earlier versions count what is wrong without saying what. */
export function keptRunDraft(template: RunTemplate, datasets: readonly { name: string }[]): RunDraft | null {
  const kept = keptDraft(keyOf(template), runDraft);
  if (!kept || !datasets.some(({ name }) => name === kept.dataset)) return null;
  const counted = <Part extends { problems: number; texts: object }>(part: Part): Part =>
    Object.keys(part.texts).length > 0 ? part : { ...part, problems: 0 };
  return { ...counted(kept), models: kept.models.map(counted) };
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

import { create } from 'zustand';
import type { Action } from '../actions/action.ts';

/** What a new run starts from, such as another run's config. */
export interface RunTemplate {
  dataset?: string;
  model?: string;
  preset?: string;
  /** Config keys that differ from the preset's. */
  overrides?: Record<string, unknown>;
  seeds?: readonly number[];
  device?: string;
  /** Name of the project. */
  project?: string;
}

interface NewRunState {
  /** Null while the dialog is closed. */
  template: RunTemplate | null;
  /** Tells one opening from the next. */
  opening: number;
}

export const useNewRun = create<NewRunState>(() => ({ template: null, opening: 0 }));

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

/** Recommendations of another program on their way into a comparison. */
import type { Action } from '../actions/action.ts';
import { homeStore } from '../state/home-store.ts';

export interface OpenResult {
  /** Null until a file was chosen. */
  path: string | null;
  /** Name or id of the data set whose page the file was dropped on. */
  dataset?: string;
}

export const useResultImport = homeStore<{ open: OpenResult | null }>(() => ({ open: null }));

export function openResult(open: OpenResult): void {
  useResultImport.setState({ open });
}

/** The action that measures a file of another program's recommendations, on a data set where one is shown. */
export function measureAction(dataset?: string): Action {
  return {
    id: 'results.import',
    label: 'Evaluate external results',
    group: 'File',
    keywords:
      'measure recommendations of another program import results lists external framework trec scores',
    perform: () => openResult({ path: null, dataset }),
  };
}

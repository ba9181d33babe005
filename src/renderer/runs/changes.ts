/** What can be done to runs from any screen; what hides something offers to bring it back. */
import type { Annotations } from '../../core/api/runs.ts';
import { countText } from '../format/format.ts';
import { client } from '../state/api.ts';
import { goTo } from '../state/navigation.ts';
import { attempt, offerUndo } from '../state/toasts.ts';
import { comparisonQuery } from './comparison-query.ts';

export function archiveRuns(runs: readonly string[], archived: boolean): Promise<boolean> {
  return attempt('The runs could not be archived', async () => {
    const before = await client.runs.annotations({ runs: [...runs] });
    const changed = runs.filter((run) => before[run]?.archived === !archived);
    if (changed.length === 0) return;
    const set = (value: boolean) => client.runs.annotate({ runs: changed, changes: { archived: value } });
    await set(archived);
    const title = `${archived ? 'Archived' : 'Restored'} ${countText(changed.length, 'run')}`;
    offerUndo(title, 'Could not undo', () => set(!archived));
  });
}

export function starRuns(runs: readonly string[], starred: boolean): Promise<boolean> {
  return attempt('The runs could not be starred', () =>
    client.runs.annotate({ runs: [...runs], changes: { starred } }),
  );
}

/** Restores fields of each run as they were. */
export function giveBack(
  before: Record<string, Annotations>,
  fields: readonly (keyof Annotations)[],
): Promise<void> {
  const own = Object.entries(before).map(([run, noted]) => [
    run,
    Object.fromEntries(fields.map((field) => [field, noted[field]])),
  ]);
  return client.runs.annotateEach({ changes: Object.fromEntries(own) });
}

export interface NotesChange {
  /** Tags for every run. */
  added: readonly string[];
  removed: readonly string[];
  /** Null leaves them. */
  notes: string | null;
}

/** Undo gives each run back the tags and notes that it had. Returns whether they are kept. */
export function changeNotes(
  runs: readonly string[],
  { added, removed, notes }: NotesChange,
): Promise<boolean> {
  const changed = [...runs];
  const touchesTags = added.length + removed.length > 0;
  if (!touchesTags && notes === null) return Promise.resolve(true);
  return attempt('Could not save tags and notes', async () => {
    const before = await client.runs.annotations({ runs: changed });
    if (touchesTags) await client.runs.tag({ runs: changed, add: [...added], remove: [...removed] });
    if (notes !== null) await client.runs.annotate({ runs: changed, changes: { notes } });
    const what = touchesTags ? (notes === null ? 'tags' : 'tags and notes') : 'notes';
    const undo = () => giveBack(before, notes === null ? ['tags'] : ['tags', 'notes']);
    const title = `Changed the ${what} of ${countText(changed.length, 'run')}`;
    offerUndo(title, 'Could not undo', undo);
  });
}

export function pauseRun(run: string): Promise<boolean> {
  return attempt('Could not pause the run', () => client.queue.pause({ run }));
}

export function renameRun(run: string, name: string): Promise<boolean> {
  return attempt('The run could not be renamed', () => client.runs.rename({ run, name }));
}

export function compareRuns(runs: readonly string[]): void {
  goTo('compare', [], comparisonQuery({ runs }));
}

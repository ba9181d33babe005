/** What can be done to runs from any screen, and taken back. */
import type { RunRecord } from '../../core/api/runs.ts';
import { countText } from '../format/format.ts';
import { client } from '../state/api.ts';
import { change, type DeedWords } from '../state/deeds.ts';
import { goTo } from '../state/navigation.ts';
import { comparisonQuery } from './comparison-query.ts';

export function archiveRuns(runs: readonly string[], archived: boolean): Promise<boolean> {
  const words = (count: number): DeedWords => ({
    label: `${archived ? 'archiving' : 'restoring'} of ${countText(count, 'run')}`,
    title: `${archived ? 'Archived' : 'Restored'} ${countText(count, 'run')}`,
  });
  return change(
    'The runs could not be archived',
    ([made]) => words(made?.of === 'run' ? made.ids.length : 0),
    [{ of: 'run', ids: [...runs], to: { archived } }],
  );
}

export function starRuns(runs: readonly string[], starred: boolean): Promise<boolean> {
  const label = `${starred ? 'star' : 'removed star'} of ${countText(runs.length, 'run')}`;
  return change('The runs could not be starred', { label }, [{ of: 'run', ids: [...runs], to: { starred } }]);
}

export interface NotesChange {
  /** Tags for every run. */
  added: readonly string[];
  removed: readonly string[];
  /** Null leaves them. */
  notes: string | null;
}

/** Returns whether they are kept. */
export function changeNotes(
  runs: readonly string[],
  { added, removed, notes }: NotesChange,
): Promise<boolean> {
  const touchesTags = added.length + removed.length > 0;
  if (!touchesTags && notes === null) return Promise.resolve(true);
  const what = touchesTags ? (notes === null ? 'tags' : 'tags and notes') : 'notes';
  const of = `${what} of ${countText(runs.length, 'run')}`;
  const to = {
    ...(touchesTags && { tags: { add: [...added], remove: [...removed] } }),
    ...(notes !== null && { notes }),
  };
  return change('Could not save tags and notes', { label: `change of ${of}`, title: `Changed the ${of}` }, [
    { of: 'run', ids: [...runs], to },
  ]);
}

export function renameRun(run: string, name: string): Promise<boolean> {
  return change('The run could not be renamed', { label: `rename of ${name}` }, [
    { of: 'run', ids: [run], to: { name } },
  ]);
}

export function compareRuns(runs: readonly string[]): void {
  goTo('compare', [], comparisonQuery({ runs }));
}

/** Beside what else is best on its data set, by validation items; alone where that cannot be told. */
export async function compareWithBest({ id, dataset }: RunRecord): Promise<void> {
  const input = { dataset: dataset?.name ?? '' };
  const board = dataset && (await client.compare.leaderboard(input).catch(() => null));
  const best = board?.best.find(({ runs }) => runs.every((run) => run.id !== id));
  compareRuns([id, ...(best?.runs.map((run) => run.id) ?? [])]);
}

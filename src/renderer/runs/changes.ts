/** What can be done to runs from any screen; what hides something offers to bring it back. */
import { client } from '../state/api.ts';
import { goTo } from '../state/navigation.ts';
import { attempt, notify } from '../state/toasts.ts';

export function countText(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** Returns whether they are gone. */
export function deleteRuns(runs: readonly string[]): Promise<boolean> {
  const deleted = [...runs];
  return attempt('The runs could not be deleted', async () => {
    const { undoMs } = await client.runs.delete({ runs: deleted });
    offerUndo(
      `Deleted ${countText(deleted.length, 'run')}`,
      undoMs,
      'The runs could not be brought back',
      () => client.runs.restore({ runs: deleted }),
    );
  });
}

export function archiveRuns(runs: readonly string[], archived: boolean): Promise<boolean> {
  const changed = [...runs];
  const set = (value: boolean) => client.runs.annotate({ runs: changed, changes: { archived: value } });
  return attempt('The runs could not be archived', async () => {
    await set(archived);
    const done = archived ? 'Archived' : 'Took back';
    offerUndo(`${done} ${countText(changed.length, 'run')}`, undefined, 'The runs stay as they are', () =>
      set(!archived),
    );
  });
}

function offerUndo(title: string, ms: number | undefined, failure: string, undo: () => Promise<unknown>) {
  notify({ level: 'info', title, ms, action: { label: 'Undo', perform: () => void attempt(failure, undo) } });
}

export function starRuns(runs: readonly string[], starred: boolean): Promise<boolean> {
  return attempt('The runs could not be starred', () =>
    client.runs.annotate({ runs: [...runs], changes: { starred } }),
  );
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
  return attempt('Tags and notes could not be kept', async () => {
    const before = await Promise.all(changed.map((run) => client.runs.show({ run })));
    if (touchesTags) await client.runs.tag({ runs: changed, add: [...added], remove: [...removed] });
    if (notes !== null) await client.runs.annotate({ runs: changed, changes: { notes } });
    const what = touchesTags ? (notes === null ? 'tags' : 'tags and notes') : 'notes';
    offerUndo(
      `Changed the ${what} of ${countText(changed.length, 'run')}`,
      undefined,
      'The runs stay as they are',
      () =>
        Promise.all(
          before.map(({ run, annotations }) =>
            client.runs.annotate({
              runs: [run.id],
              changes: { tags: annotations.tags, ...(notes === null ? {} : { notes: annotations.notes }) },
            }),
          ),
        ),
    );
  });
}

export function renameRun(run: string, name: string): Promise<boolean> {
  return attempt('The run could not be renamed', () => client.runs.rename({ run, name }));
}

export function compareRuns(runs: readonly string[]): void {
  goTo('compare', [], { runs: runs.join(',') });
}

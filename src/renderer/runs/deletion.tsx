/** Deleting runs, data sets, studies and sweeps from any screen: what asks before, and how it is taken back. */
import { phaseOf, type RunDeletion } from '../../core/api/runs.ts';
import type { TrashRef } from '../../core/api/trash.ts';
import { confirmed } from '../components/Confirm.tsx';
import { countText, durationText } from '../format/format.ts';
import { client } from '../state/api.ts';
import { goTo } from '../state/navigation.ts';
import { deselectRuns } from '../state/selected-runs.ts';
import { attempt } from '../state/toasts.ts';
import { offerRestore } from '../state/trash.ts';
import { StatusMark } from './RunStatus.tsx';

/** Shorter work is done again sooner than a question is read. */
const ASK_SECONDS = 300;
const LISTED = 8;
const IN_TRASH = 'It stays in the trash for 30 days and can be restored from there.';

/** Asks where runs or saved comparisons build on them, or where they took more than minutes. Returns whether they are deleted. */
export function deleteRuns(runs: readonly string[]): Promise<boolean> {
  const deleted = [...runs];
  const what = countText(deleted.length, 'run');
  return deleting(what, async () => {
    const deletion = await client.runs.deletion({ runs: deleted });
    const body = <RunsLost {...deletion} />;
    if (asksBefore(deletion) && !(await confirmed({ title: `Delete ${what}?`, body, action: 'Delete' })))
      return null;
    const { undoMs } = await client.runs.delete({ runs: deleted });
    deselectRuns(deleted);
    return { items: deleted.map((id) => ({ kind: 'run' as const, id })), undoMs };
  });
}

function asksBefore({ seconds, dependants, comparisons }: RunDeletion): boolean {
  return seconds >= ASK_SECONDS || dependants.length > 0 || comparisons.length > 0;
}

/** Says which runs lose the data set, and asks. Returns whether it is deleted. */
export function deleteDataset(dataset: string, name: string): Promise<boolean> {
  return deleting(name, async () => {
    const { runs } = await client.datasets.show({ dataset });
    const body = <RunsOfDataset runs={runs} />;
    if (!(await confirmed({ title: `Delete ${name}?`, body, action: 'Delete the data set' }))) return null;
    const { undoMs } = await client.datasets.delete({ dataset, force: true });
    return { items: [{ kind: 'dataset' as const, id: dataset }], undoMs };
  });
}

/** Asks, and goes to the list of its kind. */
export function deleteStudy(
  kind: 'study' | 'sweep',
  { id, name }: { id: string; name: string },
): Promise<boolean> {
  const body = (
    <p>
      The {kind} will be deleted; its runs are kept. {IN_TRASH}
    </p>
  );
  return deleting(name, async () => {
    if (!(await confirmed({ title: `Delete this ${kind}?`, body, action: 'Delete' }))) return null;
    const { undoMs } = await client.studies.delete({ study: id, kind });
    goTo(kind === 'sweep' ? 'sweeps' : 'scaling');
    return { items: [{ kind, id }], undoMs };
  });
}

/** Offers to undo what `work` has deleted; null where the user kept it. */
async function deleting(
  what: string,
  work: () => Promise<{ items: TrashRef[]; undoMs: number } | null>,
): Promise<boolean> {
  let done = false;
  await attempt(`Could not delete ${what}`, async () => {
    const deleted = await work();
    if (!deleted) return;
    done = true;
    offerRestore(`Moved ${what} to the trash`, deleted.items, deleted.undoMs);
  });
  return done;
}

function RunsLost({ seconds, dependants, comparisons }: RunDeletion) {
  return (
    <>
      <p>
        {seconds >= ASK_SECONDS && `Training took ${durationText(seconds)}. `}
        Deleted runs stay in the trash for 30 days and can be restored from there.
      </p>
      {comparisons.length > 0 && <p>Shown in saved comparisons: {comparisons.join(', ')}.</p>}
      {dependants.length > 0 && (
        <>
          <p>
            {countText(dependants.length, 'other run')} built on them can no longer be resumed, evaluated or
            asked for recommendations:
          </p>
          <AffectedRuns label="Runs that build on them" runs={dependants} />
        </>
      )}
    </>
  );
}

function RunsOfDataset({ runs }: { runs: RunDeletion['dependants'] }) {
  const busy = runs.filter(({ status }) => phaseOf(status) !== 'ended').length;
  if (runs.length === 0)
    return <p>No run was trained on it. Your original files are not deleted. {IN_TRASH}</p>;
  return (
    <>
      <p>
        {runs.length === 1 ? 'One run was' : `${runs.length} runs were`} trained on it. Their results and
        comparisons stay; until the data set is restored they cannot be resumed, evaluated again or asked for
        recommendations. {IN_TRASH}
      </p>
      {busy > 0 && (
        <p className="field-problem">
          {busy === 1 ? 'One of them has' : `${busy} of them have`} not ended: running ones continue, and
          queued ones wait until the data set is restored.
        </p>
      )}
      <AffectedRuns label="Runs that lose their data set" runs={runs} />
    </>
  );
}

function AffectedRuns({ label, runs }: { label: string; runs: RunDeletion['dependants'] }) {
  return (
    <ul className="affected-runs scrolls" aria-label={label}>
      {runs.slice(0, LISTED).map(({ id, name, status }) => (
        <li key={id}>
          <span className="clip">{name}</span>
          <StatusMark status={status} />
        </li>
      ))}
      {runs.length > LISTED && <li className="muted">{runs.length - LISTED} more</li>}
    </ul>
  );
}

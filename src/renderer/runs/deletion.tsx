/** Deleting runs, data sets, studies and sweeps from any screen: what asks before, and how it is taken back. */
import { deleting } from '../../core/api/changes.ts';
import { phaseOf, type RunDeletion } from '../../core/api/runs.ts';
import { confirmed } from '../components/Confirm.tsx';
import { countText, durationText } from '../format/format.ts';
import { client } from '../state/api.ts';
import { change } from '../state/deeds.ts';
import { goTo } from '../state/navigation.ts';
import { deselectRuns } from '../state/selected-runs.ts';
import { attempt } from '../state/toasts.ts';
import { StatusMark } from './RunStatus.tsx';

/** Shorter work is done again sooner than a question is read. */
const ASK_SECONDS = 300;
const LISTED = 8;
const IN_TRASH = 'It stays in the trash for 30 days and can be restored from there.';

/** Asks where runs or saved comparisons build on them, or where they took more than minutes. Returns whether they are deleted. */
export function deleteRuns(runs: readonly string[]): Promise<boolean> {
  const deleted = [...runs];
  const what = countText(deleted.length, 'run');
  return deleteUnlessKept(what, 'run', deleted, async () => {
    const deletion = await client.runs.deletion({ runs: deleted });
    const body = <RunsLost {...deletion} />;
    return !asksBefore(deletion) || confirmed({ title: `Delete ${what}?`, body, action: 'Delete' });
  }).then((done) => {
    if (done) deselectRuns(deleted);
    return done;
  });
}

function asksBefore({ seconds, dependants, comparisons }: RunDeletion): boolean {
  return seconds >= ASK_SECONDS || dependants.length > 0 || comparisons.length > 0;
}

/** Says which runs lose the data set, and asks. Returns whether it is deleted. */
export function deleteDataset(dataset: string, name: string): Promise<boolean> {
  return deleteUnlessKept(name, 'dataset', [dataset], async () => {
    const { runs } = await client.datasets.show({ dataset });
    const body = <RunsOfDataset runs={runs} />;
    return confirmed({ title: `Delete ${name}?`, body, action: 'Delete the data set' });
  });
}

/** Asks, and goes to the list of its kind. */
export async function deleteStudy(
  kind: 'study' | 'sweep',
  { id, name }: { id: string; name: string },
): Promise<void> {
  const body = (
    <p>
      The {kind} will be deleted; its runs are kept. {IN_TRASH}
    </p>
  );
  const ask = () => confirmed({ title: `Delete this ${kind}?`, body, action: 'Delete' });
  if (await deleteUnlessKept(name, kind, [id], ask)) goTo(kind === 'sweep' ? 'sweeps' : 'scaling');
}

/** Puts them into the trash, unless the user keeps them. */
async function deleteUnlessKept(
  what: string,
  kind: Parameters<typeof deleting>[0],
  ids: string[],
  ask: () => Promise<boolean>,
): Promise<boolean> {
  const failure = `Could not delete ${what}`;
  let isMeant = false;
  await attempt(failure, async () => {
    isMeant = await ask();
  });
  const words = { label: `deletion of ${what}`, title: `Moved ${what} to the trash` };
  return isMeant && change(failure, words, [deleting(kind, ids)]);
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
            {countText(dependants.length, 'other run')} trained on what is deleted. Unless they only began
            with it, they can no longer be resumed, evaluated or used for recommendations:
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
        comparisons stay; until the data set is restored they cannot be resumed, evaluated again or used for
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
      {runs.slice(0, LISTED).map(({ id, title, status }) => (
        <li key={id} className="row spread line-below">
          <span className="clip">{title}</span>
          <StatusMark status={status} />
        </li>
      ))}
      {runs.length > LISTED && <li className="row muted line-below">{runs.length - LISTED} more</li>}
    </ul>
  );
}

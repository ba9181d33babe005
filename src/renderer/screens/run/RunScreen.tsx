import { useQuery } from '@tanstack/react-query';
import { Clock, Server, Unplug } from 'lucide-react';
import { useState } from 'react';
import { coming } from '../../../core/api/changes.ts';
import { AWAY_WORDS, hostOf, isAway, pendingWords, placeOf } from '../../../core/api/machines.ts';
import { DEGREE_WORDS, ranksText } from '../../../core/api/reproduce.ts';
import { nameAlone, phaseOf, type RunPage, type RunRecord, UNFINISHED } from '../../../core/api/runs.ts';
import { Button } from '../../components/Button.tsx';
import { Chip } from '../../components/lists.tsx';
import { EmptyState, Missing, Screen } from '../../components/Screen.tsx';
import { ScreenFoot } from '../../components/Statement.tsx';
import { Tabs } from '../../components/Tabs.tsx';
import { capital, durationText } from '../../format/format.ts';
import { renameRun } from '../../runs/changes.ts';
import { InlineName } from '../../runs/InlineName.tsx';
import { OriginChip } from '../../runs/OriginChip.tsx';
import { RunStatus } from '../../runs/RunStatus.tsx';
import { api, errorDetails } from '../../state/api.ts';
import { change } from '../../state/deeds.ts';
import { routeLink } from '../../state/navigation.ts';
import { RunActions } from './RunActions.tsx';
import { RunHeadline } from './RunHeadline.tsx';
import { useRunRoute } from './run-route.ts';
import { tabsOf } from './run-tabs.tsx';
import '../../runs/runs.css';
import './run.css';

/** One run: what it was asked, how it goes, what came out. */
export default function RunScreen() {
  const route = useRunRoute();
  const page = useQuery(api.runs.show.queryOptions({ input: { run: route.run } }));
  const [renaming, setRenaming] = useState(false);
  if (!page.data) {
    return (
      <Screen title="Run">
        <Missing query={page} />
      </Screen>
    );
  }
  const { run, series } = page.data;
  const isGone = page.error !== null && errorDetails(page.error).code === 'unknown-run';
  if (isGone || page.data.deleted) return <DeletedRun run={run} forGood={isGone} />;
  const isElsewhere = hostOf(run) !== null && phaseOf(run.status) !== 'ended';
  const tabs = tabsOf(page.data);
  const usual = series.length > 0 || run.status === 'running' ? 'curves' : 'results';
  const first = isElsewhere ? 'timeline' : usual;
  const current = tabs.some(({ id, nothing }) => id === route.tab && !nothing) ? route.tab : first;
  return (
    <Screen
      up={{ label: 'Runs', href: routeLink('runs') }}
      title={<RunHeader key={run.id} page={page.data} renaming={renaming} onRenaming={setRenaming} />}
      actions={<RunActions key={run.id} page={page.data} onRename={() => setRenaming(true)} />}
    >
      <div className="column shrinks flattens tall">
        <RunNotice page={page.data} />
        {run.kind === 'own' && <MadeAgain run={run.id} />}
        <RunHeadline page={page.data} />
        <Tabs label="Views of the run" tabs={tabs} current={current ?? first} onChange={route.show} />
        {isElsewhere && (
          <ScreenFoot>
            The window may be closed: the training continues, and what happened is fetched when it is open
            again.
          </ScreenFoot>
        )}
      </div>
    </Screen>
  );
}

/** In place of a run that is in the trash, or was deleted permanently while it was shown. */
function DeletedRun({ run, forGood }: { run: RunRecord; forGood: boolean }) {
  const restore = () =>
    change('Could not restore the run', { label: `restoring of ${nameAlone(run)}` }, [
      coming('run', [run.id]),
    ]);
  return (
    <Screen up={{ label: 'Runs', href: routeLink('runs') }} title={nameAlone(run)}>
      <EmptyState
        title="This run was deleted"
        text={forGood ? 'It was permanently deleted.' : 'It is in the trash and can be restored.'}
      >
        {!forGood && (
          <Button kind="primary" onClick={() => void restore()}>
            Restore run
          </Button>
        )}
      </EmptyState>
    </Screen>
  );
}

interface RunHeaderProps {
  page: RunPage;
  /** The name is being changed. */
  renaming: boolean;
  onRenaming(renaming: boolean): void;
}

/** The name to be changed where it stands, and the other seeds. */
function RunHeader({ page, renaming, onRenaming }: RunHeaderProps) {
  const { run, annotations, live } = page;
  const { siblings, linkTo } = useRunRoute();
  const job = placeOf(page)?.job;
  const pending = pendingWords(page);
  const done = (name: string | null) => {
    onRenaming(false);
    if (name !== null) void renameRun(run.id, name);
  };
  return (
    <span className="run-header row shrinks regular">
      {renaming ? (
        <InlineName of={run.id} name={run.name} label="Name of the run" onDone={done} />
      ) : (
        <button
          type="button"
          className="run-name clip strong"
          title={`Rename ${run.name}`}
          onClick={() => onRenaming(true)}
        >
          {annotations.starred ? '★ ' : ''}
          {nameAlone(run)}
        </button>
      )}
      {run.kind !== 'own' && <OriginChip program={run.program} />}
      {isAway(live) ? (
        <Chip icon={live.phase === 'unreachable' ? Unplug : Clock} tone="warning">
          {AWAY_WORDS[live.phase]}
        </Chip>
      ) : (
        <RunStatus status={run.status} run={run.id} message={run.message} />
      )}
      {run.kind === 'own' && run.place !== null && (
        <Chip icon={Server} tone="line">
          {job ? `${run.place} · job ${job}` : run.place}
        </Chip>
      )}
      {pending !== null && (
        <Chip icon={Clock} tone="warning" title="Requested, and not obeyed there yet.">
          {pending}
        </Chip>
      )}
      {siblings.length > 1 && (
        <nav className="run-seeds flex gap-1 middle" aria-label="Seeds of this config">
          <span className="muted">Seed</span>
          {siblings.map(({ id, seed }) => (
            <a key={id} className="plain" href={linkTo(id)} aria-current={id === run.id ? 'page' : undefined}>
              {seed}
            </a>
          ))}
        </nav>
      )}
    </span>
  );
}

/** That a run waits, or how it ended where that says something, and what was kept. */
function RunNotice({ page: { run, checkpoints, notice, queuePosition, held } }: { page: RunPage }) {
  const waits =
    queuePosition !== null && `${held ? 'Paused' : 'Waiting'} in the queue, place ${queuePosition}.`;
  if (waits || !UNFINISHED.includes(run.status)) {
    const told = [waits || (run.message && `${capital(run.message)}.`), notice && `${notice}.`];
    const line = told.filter(Boolean).join(' ');
    return line === '' ? null : <p className="muted rigid bar-inset">{line}</p>;
  }
  const newest = checkpoints.reduce<(typeof checkpoints)[number] | null>(
    (best, checkpoint) => (best === null || checkpoint.step > best.step ? checkpoint : best),
    null,
  );
  const prospect =
    newest === null
      ? 'No checkpoint was saved; it would start from the beginning.'
      : `Saved through epoch ${newest.epoch}, step ${newest.step}. Resume continues from there.`;
  return (
    <div className="problem run-problem rigid" data-status={run.status} role="status">
      <p>{run.message ?? `The run was ${run.status.replaceAll('-', ' ')} after ${spent(run)}.`}</p>
      <p className="muted">
        {run.kind === 'imported'
          ? `${run.program} trained it, so it cannot resume here.`
          : run.dataset.id === null
            ? 'Its data set has been deleted, so it cannot resume.'
            : prospect}
        {notice && ` ${notice}.`}
      </p>
    </div>
  );
}

/** That a run makes another again, and whether it has the numbers of that one. */
function MadeAgain({ run }: { run: string }) {
  const { data } = useQuery(api.reproduce.outcomes.queryOptions({ input: { runs: [run] } }));
  const [outcome] = data ?? [];
  if (!outcome) return null;
  const { degree, earlier, together } = outcome;
  return (
    <p className="muted rigid bar-inset">
      Makes {earlier.name} again.{' '}
      <a href={routeLink('reproduce', ['done'], { runs: together.join() })}>
        {degree === null ? 'Then and now' : `${DEGREE_WORDS[degree]}: ${ranksText(outcome)}`}
      </a>
    </p>
  );
}

function spent({ startedAt, endedAt }: RunPage['run']): string {
  return startedAt === null || endedAt === null ? 'no time' : durationText((endedAt - startedAt) / 1000);
}

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { coming } from '../../../core/api/changes.ts';
import { hostOf } from '../../../core/api/machines.ts';
import { nameAlone, phaseOf, type RunRecord } from '../../../core/api/runs.ts';
import { Button } from '../../components/Button.tsx';
import { EmptyState, Missing, Screen } from '../../components/Screen.tsx';
import { ScreenFoot } from '../../components/Statement.tsx';
import { Tabs } from '../../components/Tabs.tsx';
import { api, errorDetails } from '../../state/api.ts';
import { change } from '../../state/deeds.ts';
import { routeLink } from '../../state/navigation.ts';
import { RunActions } from './RunActions.tsx';
import { RunHeader } from './RunHeader.tsx';
import { RunHeadline } from './RunHeadline.tsx';
import { RunNotice } from './RunNotice.tsx';
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

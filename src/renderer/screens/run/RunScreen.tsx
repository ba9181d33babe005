import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { modelTask } from '../../../core/api/models.ts';
import {
  type ExternalRun,
  type ImportedRun,
  type MeasuredRun,
  type OwnRun,
  phaseOf,
  type RunPage,
  type RunRecord,
} from '../../../core/api/runs.ts';
import { Answer, Missing, Screen } from '../../components/Screen.tsx';
import { ScreenFoot } from '../../components/Statement.tsx';
import { type Tab, Tabs } from '../../components/Tabs.tsx';
import { hostOf, isAway } from '../../runs/away.ts';
import { Reliability } from '../../runs/comparison/Reliability.tsx';
import { NoSlices, Slices } from '../../runs/comparison/Slices.tsx';
import { useComparison } from '../../runs/comparison/use-comparison.ts';
import { api } from '../../state/api.ts';
import { routeLink } from '../../state/navigation.ts';
import { CheckpointsTab } from './CheckpointsTab.tsx';
import { ConfigTab } from './ConfigTab.tsx';
import { CurvesTab } from './CurvesTab.tsx';
import { ExternalResults } from './ExternalResults.tsx';
import { JobTab } from './JobTab.tsx';
import { LogTab } from './LogTab.tsx';
import { RecommendationsTab } from './RecommendationsTab.tsx';
import { ResultsTab } from './ResultsTab.tsx';
import { RunActions } from './RunActions.tsx';
import { RunHeader } from './RunHeader.tsx';
import { RunHeadline } from './RunHeadline.tsx';
import { RunNotice } from './RunNotice.tsx';
import { useRunRoute } from './run-route.ts';
import { StatedResults } from './StatedResults.tsx';
import { SystemTab } from './SystemTab.tsx';
import '../../runs/runs.css';
import './run.css';

/** The run as a comparison of one. */
function RunSlices({ run }: { run: MeasuredRun }) {
  const comparison = useComparison({ runs: [run.id], baseline: null });
  if (Object.keys(run.metrics).length === 0) return <NoSlices />;
  return <Answer query={comparison}>{(view) => <Slices view={view} />}</Answer>;
}

function ownTabs(run: OwnRun, page: RunPage): Tab[] {
  // Of the model: a protocol is known from the result on.
  const task = modelTask(run.model);
  const job =
    run.place === null ? [] : [{ id: 'job', title: 'Job', content: <JobTab run={run} page={page} /> }];
  const hasEnded = phaseOf(run.status) === 'ended';
  const nothing = isAway(page.live) && page.series.length === 0 ? 'Nothing has been trained yet' : undefined;
  return [
    ...(hasEnded ? [] : job),
    { id: 'curves', title: 'Curves', content: <CurvesTab page={page} />, nothing },
    { id: 'results', title: 'Results', content: <ResultsTab run={run} page={page} />, nothing },
    ...(run.protocol?.task === 'ranking'
      ? [{ id: 'calibration', title: 'Calibration', content: <Reliability rows={[run]} /> }]
      : []),
    ...(task === undefined || task === 'next-item'
      ? [
          {
            id: 'recommendations',
            title: 'Recommendations',
            content: <RecommendationsTab run={run} checkpoints={page.checkpoints} />,
          },
        ]
      : []),
    ...(task === 'tokeniser' ? [] : [{ id: 'slices', title: 'Slices', content: <RunSlices run={run} /> }]),
    { id: 'config', title: 'Config', content: <ConfigTab run={run} config={run.config} /> },
    { id: 'system', title: 'System', content: <SystemTab run={run} /> },
    { id: 'log', title: 'Log', content: <LogTab key={run.id} run={run} /> },
    { id: 'checkpoints', title: 'Checkpoints', content: <CheckpointsTab page={page} /> },
    ...(hasEnded ? job : []),
  ];
}

function tabsOf(run: RunRecord, page: RunPage): Tab[] {
  if (run.kind === 'own') return ownTabs(run, page);
  return run.kind === 'external' ? externalTabs(run, page) : importedTabs(run, page);
}

/** What was measured of lists is there, and what needs a checkpoint or a training is not. */
function externalTabs(run: ExternalRun, page: RunPage): Tab[] {
  const none = (id: string, title: string, what: string) => ({
    ...{ id, title, content: null },
    nothing: `Its file of recommendations has no ${what}`,
  });
  return [
    { id: 'results', title: 'Results', content: <ExternalResults run={run} page={page} /> },
    {
      id: 'recommendations',
      title: 'Recommendations',
      content: <RecommendationsTab run={run} checkpoints={page.checkpoints} />,
    },
    { id: 'slices', title: 'Slices', content: <RunSlices run={run} /> },
    none('config', 'Config', 'config'),
    none('curves', 'Curves', 'curves'),
    none('checkpoints', 'Checkpoints', 'checkpoints'),
  ];
}

/** What another program did not tell of its run is not there, and says so. */
function importedTabs(run: ImportedRun, page: RunPage): Tab[] {
  const unmeasured = `Nothing of it was measured here: ${run.program} trained it`;
  const unknown = (what: string) => `${run.program} did not tell its ${what}`;
  const { config } = run;
  return [
    { id: 'curves', title: 'Curves', content: <CurvesTab page={page} /> },
    { id: 'results', title: 'Results', content: <StatedResults run={run} page={page} /> },
    { id: 'recommendations', title: 'Recommendations', content: null, nothing: unmeasured },
    { id: 'slices', title: 'Slices', content: null, nothing: unmeasured },
    config === null
      ? { id: 'config', title: 'Config', content: null, nothing: unknown('config') }
      : { id: 'config', title: 'Config', content: <ConfigTab run={run} config={config} /> },
    { id: 'log', title: 'Log', content: <LogTab key={run.id} run={run} /> },
    { id: 'checkpoints', title: 'Checkpoints', content: null, nothing: unknown('checkpoints') },
  ];
}

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
  const isElsewhere = hostOf(run) !== null && phaseOf(run.status) !== 'ended';
  const tabs = tabsOf(run, page.data);
  const usual = series.length > 0 || run.status === 'running' ? 'curves' : 'results';
  const first = isAway(page.data.live) ? 'job' : usual;
  const current = tabs.some(({ id, nothing }) => id === route.tab && !nothing) ? route.tab : first;
  return (
    <Screen
      up={{ label: 'Runs', href: routeLink('runs') }}
      title={<RunHeader key={run.id} page={page.data} renaming={renaming} onRenaming={setRenaming} />}
      actions={<RunActions key={run.id} page={page.data} onRename={() => setRenaming(true)} />}
    >
      <div className="screen">
        <RunNotice page={page.data} />
        <RunHeadline page={page.data} />
        <Tabs label="Views of the run" tabs={tabs} current={current ?? first} onChange={route.show} />
        {isElsewhere && (
          <ScreenFoot>
            The window may be closed: the training goes on, and what happened is fetched when it is open
            again.
          </ScreenFoot>
        )}
      </div>
    </Screen>
  );
}

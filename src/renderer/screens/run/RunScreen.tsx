import { useQuery } from '@tanstack/react-query';
import { modelTask } from '../../../core/api/models.ts';
import { Problem, Screen, Waiting } from '../../components/Screen.tsx';
import { Tabs } from '../../components/Tabs.tsx';
import { api } from '../../state/api.ts';
import { CalibrationTab } from './CalibrationTab.tsx';
import { CheckpointsTab } from './CheckpointsTab.tsx';
import { ConfigTab } from './ConfigTab.tsx';
import { CurvesTab } from './CurvesTab.tsx';
import { LogTab } from './LogTab.tsx';
import { RecommendationsTab } from './RecommendationsTab.tsx';
import { ResultsTab } from './ResultsTab.tsx';
import { RunActions } from './RunActions.tsx';
import { RunHeader } from './RunHeader.tsx';
import { RunHeadline } from './RunHeadline.tsx';
import { RunNotice } from './RunNotice.tsx';
import { useRunRoute } from './run-route.ts';
import { SlicesTab } from './SlicesTab.tsx';
import { SystemTab } from './SystemTab.tsx';
import '../../runs/runs.css';
import './run.css';

/** One run: what it was asked, how it goes, what came out. */
export default function RunScreen() {
  const route = useRunRoute();
  const page = useQuery(api.runs.show.queryOptions({ input: { run: route.run } }));
  if (page.error) {
    return (
      <Screen title="Run">
        <Problem query={page} />
      </Screen>
    );
  }
  if (!page.data) {
    return (
      <Screen title="Run">
        <Waiting>Reading the run</Waiting>
      </Screen>
    );
  }
  const { run, series } = page.data;
  // Of the model: a protocol is known from the result on.
  const task = modelTask(run.model);
  const tabs = [
    { id: 'curves', title: 'Curves', content: <CurvesTab page={page.data} /> },
    { id: 'results', title: 'Results', content: <ResultsTab page={page.data} /> },
    ...(run.protocol?.task === 'ranking'
      ? [{ id: 'calibration', title: 'Calibration', content: <CalibrationTab run={run} /> }]
      : []),
    ...(task === undefined || task === 'next-item'
      ? [
          {
            id: 'recommendations',
            title: 'Recommendations',
            content: <RecommendationsTab page={page.data} />,
          },
        ]
      : []),
    ...(task === 'tokeniser' ? [] : [{ id: 'slices', title: 'Slices', content: <SlicesTab run={run} /> }]),
    { id: 'config', title: 'Config', content: <ConfigTab run={run} /> },
    { id: 'system', title: 'System', content: <SystemTab run={run} /> },
    { id: 'log', title: 'Log', content: <LogTab key={run.id} run={run} /> },
    { id: 'checkpoints', title: 'Checkpoints', content: <CheckpointsTab page={page.data} /> },
  ];
  const first = series.length > 0 || run.status === 'running' ? 'curves' : 'results';
  const current = tabs.some(({ id }) => id === route.tab) ? route.tab : first;
  return (
    <Screen
      title={<RunHeader key={run.id} page={page.data} />}
      actions={<RunActions key={run.id} page={page.data} />}
    >
      <div className="screen">
        <RunNotice page={page.data} />
        <RunHeadline page={page.data} />
        <Tabs label="Views of the run" tabs={tabs} current={current ?? first} onChange={route.show} />
      </div>
    </Screen>
  );
}

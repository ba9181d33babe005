import type { ReactElement } from 'react';
import { isAway } from '../../../core/api/machines.ts';
import { modelTask, tasksOf } from '../../../core/api/models.ts';
import {
  type ImportedRun,
  type MeasuredRun,
  phaseOf,
  type RunPage,
  type RunRecord,
} from '../../../core/api/runs.ts';
import { Answer } from '../../components/Screen.tsx';
import type { Tab } from '../../components/Tabs.tsx';
import { Reliability } from '../../runs/comparison/Reliability.tsx';
import { NoSlices, Slices } from '../../runs/comparison/Slices.tsx';
import { useComparison } from '../../runs/comparison/use-comparison.ts';
import { CheckpointsTab } from './CheckpointsTab.tsx';
import { ConfigTab } from './ConfigTab.tsx';
import { CurvesTab } from './CurvesTab.tsx';
import { ExternalResults } from './ExternalResults.tsx';
import { LogTab } from './LogTab.tsx';
import { RecommendationsTab } from './RecommendationsTab.tsx';
import { ResultsTab } from './ResultsTab.tsx';
import { StatedResults } from './StatedResults.tsx';
import { SystemTab } from './SystemTab.tsx';
import { TimelineTab } from './TimelineTab.tsx';

interface RunTab {
  id: string;
  title: string;
  /** Its content, why there is nothing in it, or null where such a run has no such tab. */
  of(page: RunPage): ReactElement | string | null;
  /** Whether it stands before all others. */
  leads?(page: RunPage): boolean;
}

/** Every view of a run, in order. Each says what it has of runs of this program, of files of results, and of other programs. */
const runTabs: readonly RunTab[] = [
  {
    id: 'curves',
    title: 'Curves',
    of: (page) => {
      if (page.run.kind === 'external') return untold(page.run, 'curves');
      return untrained(page) ?? <CurvesTab page={page} />;
    },
  },
  {
    id: 'results',
    title: 'Results',
    of: (page) => {
      const { run } = page;
      if (run.kind === 'external') return <ExternalResults run={run} page={page} />;
      if (run.kind === 'imported') return <StatedResults run={run} page={page} />;
      return untrained(page) ?? <ResultsTab run={run} page={page} />;
    },
  },
  {
    id: 'calibration',
    title: 'Calibration',
    of: ({ run }) => (run.kind === 'own' && tasksOf(run.protocol) ? <Reliability rows={[run]} /> : null),
  },
  {
    id: 'recommendations',
    title: 'Recommendations',
    of: ({ run, checkpoints }) => {
      if (run.kind === 'imported') return unmeasured(run);
      // Of the model: a protocol is known from the result on.
      const task = run.kind === 'own' ? modelTask(run.model) : undefined;
      const hasLists = task === undefined || task === 'next-item';
      return hasLists ? <RecommendationsTab run={run} checkpoints={checkpoints} /> : null;
    },
  },
  {
    id: 'slices',
    title: 'Slices',
    of: ({ run }) => {
      if (run.kind === 'imported') return unmeasured(run);
      return run.kind === 'own' && modelTask(run.model) === 'tokeniser' ? null : <RunSlices run={run} />;
    },
  },
  {
    id: 'config',
    title: 'Config',
    of: ({ run }) =>
      run.kind === 'external' || run.config === null ? (
        untold(run, 'config')
      ) : (
        <ConfigTab run={run} config={run.config} />
      ),
  },
  { id: 'system', title: 'System', of: ({ run }) => (run.kind === 'own' ? <SystemTab run={run} /> : null) },
  {
    id: 'log',
    title: 'Log',
    of: ({ run }) => (run.kind === 'external' ? null : <LogTab key={run.id} run={run} />),
  },
  {
    id: 'checkpoints',
    title: 'Checkpoints',
    of: (page) =>
      page.run.kind === 'own' ? <CheckpointsTab page={page} /> : untold(page.run, 'checkpoints'),
  },
  {
    id: 'timeline',
    title: 'Timeline',
    of: (page) => {
      const { run } = page;
      return run.kind === 'own' && run.place !== null ? <TimelineTab run={run} page={page} /> : null;
    },
    leads: ({ run }) => phaseOf(run.status) !== 'ended',
  },
];

/** The views of a run as its page shows them. */
export function tabsOf(page: RunPage): Tab[] {
  const tabs = runTabs.flatMap(({ id, title, of, leads }) => {
    const found = of(page);
    if (found === null) return [];
    const shown = typeof found === 'string' ? { content: null, nothing: found } : { content: found };
    return [{ id, title, ...shown, isFirst: leads?.(page) === true }];
  });
  return [...tabs.filter(({ isFirst }) => isFirst), ...tabs.filter(({ isFirst }) => !isFirst)];
}

/** The run as a comparison of one. */
function RunSlices({ run }: { run: MeasuredRun }) {
  const comparison = useComparison({ runs: [run.id], baseline: null });
  if (Object.keys(run.metrics).length === 0) return <NoSlices />;
  return <Answer query={comparison}>{(view) => <Slices view={view} />}</Answer>;
}

function untrained({ live, series }: RunPage): string | null {
  return isAway(live) && series.length === 0 ? 'Nothing has been trained yet' : null;
}

function untold(run: RunRecord, what: string): string {
  return run.kind === 'imported'
    ? `${run.program} did not tell its ${what}`
    : `Its file of recommendations has no ${what}`;
}

function unmeasured({ program }: ImportedRun): string {
  return `Nothing of it was measured here: ${program} trained it`;
}

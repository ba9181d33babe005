import { useQuery } from '@tanstack/react-query';
import { FileText, ListChecks, Package, Plus } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { ComparisonView } from '../../../core/api/compare.ts';
import { tasksOf } from '../../../core/api/models.ts';
import type { Action } from '../../actions/action.ts';
import { useRegisteredActions } from '../../actions/registry.ts';
import { ActionButton, Button } from '../../components/Button.tsx';
import { MoreMenu } from '../../components/Menu.tsx';
import { Working } from '../../components/Progress.tsx';
import { EmptyState, Missing, Screen } from '../../components/Screen.tsx';
import { Tabs } from '../../components/Tabs.tsx';
import { countText, durationText } from '../../format/format.ts';
import { BundleDialog } from '../../runs/comparison/BundleDialog.tsx';
import { Reliability } from '../../runs/comparison/Reliability.tsx';
import { Slices } from '../../runs/comparison/Slices.tsx';
import { type ComparisonState, useComparison } from '../../runs/comparison/use-comparison.ts';
import { newPlan } from '../../runs/plans.ts';
import { REPORTED } from '../../runs/projects.ts';
import { savedOf, useSavedComparisons } from '../../runs/saved-comparisons.ts';
import { api, client } from '../../state/api.ts';
import { BaselineChoice } from './BaselineChoice.tsx';
import { ColdStartTab } from './ColdStartTab.tsx';
import { ConfigTab } from './ConfigTab.tsx';
import { CurvesTab } from './CurvesTab.tsx';
import { type CompareRoute, useCompareRoute, useLastComparison } from './compare-route.ts';
import { DifferencesTab } from './DifferencesTab.tsx';
import { MetricsTab } from './MetricsTab.tsx';
import { NothingChosen } from './NothingChosen.tsx';
import { ParallelTab } from './ParallelTab.tsx';
import { PublishedTab } from './PublishedTab.tsx';
import { RECOMMENDATIONS, RecommendationsTab, recommending } from './RecommendationsTab.tsx';
import { ReportDialog } from './ReportDialog.tsx';
import { RunPicker } from './RunPicker.tsx';
import { SaveComparisonDialog } from './SaveComparisonDialog.tsx';
import { SavedMenu } from './SavedMenu.tsx';
import { ScatterTab } from './ScatterTab.tsx';
import { isPending, PendingRuns, Warnings } from './Warnings.tsx';
import './compare.css';

/** Runs beside each other: metrics, differences, configs, curves, slices, and what others have published. */
export default function CompareScreen() {
  const [route, change] = useCompareRoute();
  const comparison = useComparison(route);
  const [dialog, setDialog] = useState<'runs' | 'report' | 'save' | 'bundle' | null>(null);
  const saved = useSavedComparisons();
  const current = savedOf(saved, route.runs);
  const { [REPORTED]: reported, ...look } = route.look;
  const { data: projects } = useQuery(api.projects.list.queryOptions());
  const project = projects?.find(({ id }) => id === reported);
  const choose: Action = {
    id: 'compare.choose',
    label: 'Choose runs to compare',
    short: 'Choose runs',
    icon: Plus,
    group: 'Run',
    shortcut: 'a',
    perform: () => setDialog('runs'),
  };
  const report: Action = {
    id: 'compare.report',
    label: 'Export a report of the comparison',
    short: 'Report',
    icon: FileText,
    group: 'File',
    shortcut: 'Mod+E',
    keywords: 'pdf html markdown latex csv json print',
    enabled: () => comparison.data !== undefined && comparison.data.rows.length > 0,
    perform: () => setDialog('report'),
  };
  const plan: Action = {
    ...{ id: 'compare.plan', label: 'Save the comparison as a plan', short: 'Save as plan', group: 'Run' },
    ...{ icon: ListChecks, keywords: 'paper table seeds budgets yaml' },
    enabled: () => comparison.data !== undefined && comparison.data.rows.length > 0,
    perform: () => {
      const { runs, baseline, metrics, labels, practical } = route;
      const name = current?.name ?? project?.name ?? 'Comparison';
      void newPlan(() => client.plans.ofRuns({ runs, name, baseline, metrics, labels, practical }));
    },
  };
  const bundle: Action = {
    ...{ id: 'compare.bundle', label: 'Bundle the comparison for reviewers', group: 'File' },
    ...{ short: 'Bundle', icon: Package, shortcut: 'Mod+B', keywords: 'zip archive artefact reproduce' },
    enabled: () => comparison.data !== undefined && comparison.data.rows.length > 0,
    perform: () => setDialog('bundle'),
  };
  useRegisteredActions([choose, plan, bundle, report]);
  // An address that was opened from outside is one to come back to, too.
  const { runs } = route;
  const address = JSON.stringify(route);
  useEffect(() => {
    const opened: CompareRoute = JSON.parse(address);
    if (opened.runs.length > 0) useLastComparison.setState({ last: opened });
  }, [address]);
  return (
    <Screen
      title="Compare"
      aside={
        comparison.view && (
          <span className="muted">
            {current ? `${current.name}: ` : ''}
            {sizeText(comparison.view)}
          </span>
        )
      }
      actions={
        <>
          <SavedMenu route={route} onSave={() => setDialog('save')} />
          <ActionButton action={choose} />
          <MoreMenu choices={[plan]} />
          <ActionButton action={bundle} />
          <ActionButton kind="primary" action={report} />
        </>
      }
    >
      {runs.length === 0 ? (
        <NothingChosen onChoose={() => setDialog('runs')} />
      ) : (
        <Comparison comparison={comparison} />
      )}
      {dialog === 'runs' && (
        <RunPicker
          runs={runs.filter((id) => !comparison.data?.deleted.includes(id))}
          onClose={() => setDialog(null)}
          onChoose={(chosen) => {
            setDialog(null);
            const baseline = chosen.find((id) => id === route.baseline);
            change({ runs: chosen, baseline });
          }}
        />
      )}
      {(dialog === 'report' || (reported !== undefined && projects)) && comparison.data && (
        <ReportDialog
          view={comparison.data}
          route={route}
          texts={project ? { name: project.name, notes: project.description } : current}
          onClose={() => {
            setDialog(null);
            if (reported !== undefined) change({ look });
          }}
        />
      )}
      {dialog === 'bundle' && (
        <BundleDialog
          of={{
            ...{ runs, baseline: route.baseline, metrics: route.metrics, labels: route.labels },
            text: current?.notes,
          }}
          title={current?.name ?? ''}
          onClose={() => setDialog(null)}
        />
      )}
      {dialog === 'save' && (
        <SaveComparisonDialog
          content={{ runs, baseline: route.baseline, metrics: route.metrics, labels: route.labels }}
          saved={current}
          onClose={() => setDialog(null)}
        />
      )}
    </Screen>
  );
}

function sizeText({ rows }: ComparisonView): string {
  const runs = rows.reduce((sum, row) => sum + row.runs.length, 0);
  return `${countText(rows.length, 'row')} of ${countText(runs, 'run')}`;
}

function Comparison({ comparison }: { comparison: ComparisonState }) {
  const [route, change] = useCompareRoute();
  const { untested, view, error, working, stale } = comparison;
  if (!view) {
    if (error) return <Missing query={comparison} />;
    if (working) return <Testing comparison={comparison} />;
    return (
      <EmptyState title="The comparison was cancelled">
        <Button onClick={comparison.refetch}>Compare</Button>
      </EmptyState>
    );
  }
  const tabs = [
    {
      id: 'metrics',
      title: 'Metrics',
      content: <MetricsTab view={view} testing={untested && <TestingLine comparison={comparison} />} />,
    },
    { id: 'differences', title: 'Differences', content: untested ? null : <DifferencesTab view={view} /> },
    { id: 'configs', title: 'Configs', content: <ConfigTab view={view} /> },
    { id: 'curves', title: 'Curves', content: <CurvesTab view={view} /> },
    {
      id: 'slices',
      title: 'Slices',
      content: (
        <Slices view={view}>
          <BaselineChoice view={view} />
        </Slices>
      ),
    },
    ...(ranksClicks(view)
      ? [
          { id: 'calibration', title: 'Calibration', content: <Reliability rows={view.rows} /> },
          { id: 'cold-start', title: 'Cold start', content: <ColdStartTab view={view} /> },
        ]
      : []),
    { id: 'scatter', title: 'Scatter', content: <ScatterTab view={view} /> },
    { id: 'parallel', title: 'Parallel coordinates', content: <ParallelTab view={view} /> },
    ...(recommending(view).length > 0
      ? [{ id: RECOMMENDATIONS, title: 'Recommendations', content: <RecommendationsTab view={view} /> }]
      : []),
    { id: 'published', title: 'Published', content: untested ? null : <PublishedTab view={view} /> },
  ];
  const pending = view.withoutResults.filter(isPending);
  const current = tabs.some(({ id }) => id === route.view) ? route.view : 'metrics';
  return (
    <div className="column shrinks flattens tall">
      {error !== null && <Missing query={comparison} />}
      {!untested && stale && working && <Testing comparison={comparison} />}
      {stale && !working && error === null && (
        <div className="grid last-fits middle gap-4 bar-inset">
          <p>Cancelled. Showing the previous comparison.</p>
          <Button onClick={comparison.refetch}>Compare</Button>
        </div>
      )}
      <Warnings view={view} hasGroups={current === 'metrics'} />
      <PendingRuns runs={pending} />
      {view.rows.length === 0 && pending.length > 0 ? (
        <EmptyState title="No results yet" text="Runs appear here as they complete." />
      ) : (
        <Tabs
          label="Views of the comparison"
          tabs={tabs}
          current={current}
          onChange={(id) => change({ view: id })}
        />
      )}
    </div>
  );
}

/** Whether at least one row predicts clicks. */
function ranksClicks({ protocols }: ComparisonView): boolean {
  return protocols.some(({ protocol }) => tasksOf(protocol) !== null);
}

/** How far the tests against the baseline are, and how to stop them. */
function Testing({ comparison: { progress, cancel } }: { comparison: ComparisonState }) {
  return (
    <Working
      className="bar-inset"
      label="Tests against the baseline"
      fraction={progress ? progress.done / progress.total : 0}
      detail={progress ? progressText(progress) : 'Waiting for the first result'}
      onCancel={cancel}
    />
  );
}

/** The same in one line, where the rows are already there. */
function TestingLine({ comparison: { progress, cancel } }: { comparison: ComparisonState }) {
  return (
    <>
      Testing the rows against the baseline{progress && `: ${progressText(progress)}`}
      <Button kind="quiet" onClick={cancel}>
        Cancel
      </Button>
    </>
  );
}

function progressText({ done, total, seconds }: NonNullable<ComparisonState['progress']>): string {
  const rows = `${done} of ${total} rows`;
  return done === 0 ? rows : `${rows}, ${durationText((seconds / done) * (total - done))} left`;
}

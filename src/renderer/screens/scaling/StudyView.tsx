import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { StudyAxis, StudyMetric } from '../../../core/api/studies.ts';
import type { Action } from '../../actions/action.ts';
import { useRegisteredActions } from '../../actions/registry.ts';
import { Button } from '../../components/Button.tsx';
import { Select } from '../../components/controls.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { EmptyState } from '../../components/EmptyState.tsx';
import { Problem } from '../../components/Problem.tsx';
import { Screen } from '../../components/Screen.tsx';
import { api, client, isUserError, problemText, queryClient } from '../../state/api.ts';
import { goTo, routeLink } from '../../state/navigation.ts';
import { attempt, notify } from '../../state/toasts.ts';
import { BaseLargeView } from './BaseLargeView.tsx';
import { CostChart } from './CostChart.tsx';
import { DepthWidthView } from './DepthWidthView.tsx';
import { LawChart } from './LawChart.tsx';
import { LawsTable } from './LawsTable.tsx';
import { axisTitle, metricTitles, studyModels } from './messages.ts';
import { PointsTable } from './PointsTable.tsx';
import { StudyReportDialog } from './StudyReportDialog.tsx';

const METRICS: StudyMetric[] = ['cross-entropy', 'ndcg@10'];
const AXES: StudyAxis[] = ['parameters', 'data'];

/** One study: its laws drawn and in numbers, its grid, and how far it is. */
export function StudyView({ study }: { study: string }) {
  const { data, error, refetch } = useQuery({
    ...api.studies.show.queryOptions({ input: { study } }),
    placeholderData: keepPreviousData,
  });
  const [metric, setMetric] = useState<StudyMetric>('cross-entropy');
  const [axis, setAxis] = useState<StudyAxis>('parameters');
  const [dialog, setDialog] = useState<'delete' | 'report' | null>(null);
  const resume = () =>
    void attempt('The study could not go on', async () => {
      const { runs } = await client.studies.resume({ study });
      notify({
        level: 'info',
        title: runs === 0 ? 'Every run is done or in the queue' : `Put ${runs} runs into the queue`,
      });
    });
  const remove = () =>
    void attempt('The study could not be deleted', async () => {
      await client.studies.delete({ study });
      goTo('scaling');
      await queryClient.invalidateQueries({ queryKey: api.studies.list.key() });
    });
  const actions = useMemo(
    (): Action[] => [
      {
        id: 'scaling.delete',
        label: 'Delete this study',
        group: 'Edit',
        shortcut: 'Delete',
        perform: () => setDialog('delete'),
      },
      {
        id: 'scaling.report',
        label: 'Export a report of this study',
        group: 'File',
        shortcut: 'Mod+E',
        keywords: 'pdf html markdown latex csv json print',
        perform: () => setDialog('report'),
      },
    ],
    [],
  );
  useRegisteredActions(actions);
  const laws = data?.laws.filter((law) => law.axis === axis && law.metric === metric) ?? [];
  const drawn = laws.filter(({ points }) => points.length > 0);
  return (
    <Screen
      title={data?.name ?? 'Study'}
      aside={
        <a className="back-link" href={routeLink('scaling')}>
          All studies
        </a>
      }
      actions={
        data && (
          <>
            {!data.baseLarge && (
              <>
                <Select<StudyMetric>
                  aria-label="Metric"
                  value={metric}
                  choices={METRICS.map((value) => ({ value, label: metricTitles[value] }))}
                  onValue={setMetric}
                />
                <Select<StudyAxis>
                  aria-label="Against"
                  value={axis}
                  choices={AXES.map((value) => ({ value, label: axisTitle(value) }))}
                  onValue={setAxis}
                />
              </>
            )}
            {data.done < data.cells && <Button onClick={resume}>Go on</Button>}
            <Button kind="danger" onClick={() => setDialog('delete')}>
              Delete
            </Button>
            <Button kind="primary" onClick={() => setDialog('report')}>
              Report
            </Button>
          </>
        )
      }
    >
      {isUserError(error) ? (
        <EmptyState title="There is no such study">
          <p>{problemText(error)}</p>
        </EmptyState>
      ) : (
        error && <Problem error={error} onRetry={() => void refetch()} />
      )}
      {data && (
        <div className="scaling-page">
          <p className="muted">
            {studyModels(data.spec).join(', ')} on {data.spec.dataset.name}
            {data.spec.preset ? `, preset ${data.spec.preset}` : ''}: {data.done} of {data.cells} runs done.
          </p>
          {data.baseLarge && <BaseLargeView found={data.baseLarge} dataset={data.spec.dataset.name} />}
          {drawn.length > 0 && (
            <>
              <LawChart laws={drawn} />
              <LawsTable laws={laws} />
              {data.depthWidth && <DepthWidthView found={data.depthWidth} metric={metric} />}
            </>
          )}
          {data.done > 0 && <CostChart points={data.points} />}
          {drawn.length === 0 && !data.baseLarge && (
            <EmptyState title="No results yet">
              <p>The runs wait in the queue; the law is drawn as they complete.</p>
            </EmptyState>
          )}
          <PointsTable points={data.points} results />
        </div>
      )}
      {dialog === 'report' && <StudyReportDialog study={study} onClose={() => setDialog(null)} />}
      <Dialog
        title="Delete this study?"
        open={dialog === 'delete'}
        onOpenChange={(open) => setDialog(open ? 'delete' : null)}
        foot={
          <>
            <Button onClick={() => setDialog(null)}>Keep it</Button>
            <Button kind="danger" onClick={remove}>
              Delete
            </Button>
          </>
        }
      >
        <p>The grid and what it says go; the {data?.cells ?? ''} runs stay.</p>
      </Dialog>
    </Screen>
  );
}

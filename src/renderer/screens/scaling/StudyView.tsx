import { useState } from 'react';
import {
  axisTitle,
  costFigure,
  lawFigure,
  metricTitles,
  type ScalingPage,
  type StudyAxis,
  type StudyMetric,
} from '../../../core/api/studies.ts';
import type { Action } from '../../actions/action.ts';
import { useRegisteredActions } from '../../actions/registry.ts';
import { Figure } from '../../charts/Figure.tsx';
import { ActionButton, Button } from '../../components/Button.tsx';
import { Select } from '../../components/controls.tsx';
import { EmptyState, Problem, Screen } from '../../components/Screen.tsx';
import { countText } from '../../format/format.ts';
import { deleteStudy } from '../../runs/deletion.tsx';
import { useTimeLeft } from '../../runs/use-queue-time.ts';
import { api, client, isUserError, problemText, useKeptQuery } from '../../state/api.ts';
import { routeLink } from '../../state/navigation.ts';
import { attempt, notify } from '../../state/toasts.ts';
import { BaseLargeView } from './BaseLargeView.tsx';
import { DepthWidthView } from './DepthWidthView.tsx';
import { LawsTable } from './LawsTable.tsx';
import { studyModels } from './messages.ts';
import { PointsTable } from './PointsTable.tsx';
import { StudyReportDialog } from './StudyReportDialog.tsx';

const METRICS: StudyMetric[] = ['cross-entropy', 'ndcg@10'];
const AXES: StudyAxis[] = ['parameters', 'data'];

function resume(study: string): void {
  void attempt('The study could not be resumed', async () => {
    const { runs } = await client.studies.resume({ study, kind: 'study' });
    const title = runs === 0 ? 'Every run is done or in the queue' : `Queued ${countText(runs, 'run')}`;
    notify({ level: 'info', title });
  });
}

/** One study: its laws drawn and in numbers, its grid, and how far it is. */
export function StudyView({ study }: { study: string }) {
  const query = api.studies.show.queryOptions({ input: { study, kind: 'study' } });
  const { data: page, error, refetch } = useKeptQuery(query);
  const data = page && 'points' in page ? page : undefined;
  const [metric, setMetric] = useState<StudyMetric>('cross-entropy');
  const [axis, setAxis] = useState<StudyAxis>('parameters');
  const [dialog, setDialog] = useState<'report' | null>(null);
  const close = () => setDialog(null);
  const deletion: Action = {
    id: 'scaling.delete',
    label: 'Delete this study',
    group: 'Edit',
    shortcut: 'Delete',
    enabled: () => data !== undefined,
    perform: () => data && void deleteStudy('study', data),
  };
  const report: Action = {
    id: 'scaling.report',
    label: 'Export a report of this study',
    group: 'File',
    shortcut: 'Mod+E',
    keywords: 'pdf html markdown latex csv json print',
    perform: () => setDialog('report'),
  };
  useRegisteredActions([deletion, report]);
  const choices = data && !data.baseLarge && (
    <>
      <Select
        aria-label="Metric"
        value={metric}
        choices={METRICS.map((value) => ({ value, label: metricTitles[value] }))}
        onValue={setMetric}
      />
      <Select
        aria-label="Against"
        value={axis}
        choices={AXES.map((value) => ({ value, label: axisTitle(value) }))}
        onValue={setAxis}
      />
    </>
  );
  const actions = data && (
    <>
      {choices}
      {data.done < data.cells && <Button onClick={() => resume(study)}>Resume</Button>}
      <ActionButton kind="danger" action={deletion}>
        Delete
      </ActionButton>
      <ActionButton kind="primary" action={report}>
        Report
      </ActionButton>
    </>
  );
  const back = (
    <a className="back-link" href={routeLink('scaling')}>
      All studies
    </a>
  );
  return (
    <Screen title={data?.name ?? 'Study'} aside={back} actions={actions}>
      {isUserError(error) ? (
        <EmptyState title="There is no such study" text={problemText(error)} />
      ) : (
        error && <Problem query={{ error, refetch }} />
      )}
      {data && <StudyBody study={data} metric={metric} axis={axis} />}
      {dialog === 'report' && <StudyReportDialog study={study} onClose={close} />}
    </Screen>
  );
}

function StudyBody({ study, metric, axis }: { study: ScalingPage; metric: StudyMetric; axis: StudyAxis }) {
  const { spec, done, cells, points, baseLarge, depthWidth } = study;
  const laws = study.laws.filter((law) => law.axis === axis && law.metric === metric);
  const drawn = laws.filter((law) => law.points.length > 0);
  const cost = costFigure(points);
  const runs = points.flatMap(({ run }) => (run === null ? [] : [run.id]));
  const left = useTimeLeft(runs, done < cells);
  return (
    <div className="scaling-page">
      <p className="muted">
        {studyModels(spec)} on {spec.dataset.name}
        {spec.preset ? `, preset ${spec.preset}` : ''}: {done} of {cells} runs done
        {left && `, ${left} left with the runs before it in the queue`}.
      </p>
      {baseLarge && <BaseLargeView comparison={baseLarge} dataset={spec.dataset.name} />}
      {drawn.length > 0 && (
        <>
          <Figure spec={lawFigure(drawn)} />
          <LawsTable laws={laws} />
          {depthWidth && <DepthWidthView grid={depthWidth} metric={metric} />}
        </>
      )}
      {cost && <Figure spec={cost} />}
      {drawn.length === 0 && !baseLarge && (
        <EmptyState
          title="No results yet"
          text="The runs wait in the queue; the law is drawn as they complete."
        />
      )}
      <PointsTable points={points} results />
    </div>
  );
}

import { modelTitle } from '../../../core/api/models.ts';
import { UNFINISHED } from '../../../core/api/runs.ts';
import { choiceText, type SweepPage } from '../../../core/api/studies.ts';
import type { Action } from '../../actions/action.ts';
import { useRegisteredActions } from '../../actions/registry.ts';
import { ActionButton, Button } from '../../components/Button.tsx';
import { EmptyState, Problem, Screen } from '../../components/Screen.tsx';
import { countText } from '../../format/format.ts';
import { openNewRun } from '../../new-run/new-run.ts';
import { compareRuns } from '../../runs/changes.ts';
import { deleteStudy } from '../../runs/deletion.tsx';
import { api, client, isUserError, problemText, useKeptQuery } from '../../state/api.ts';
import { routeLink } from '../../state/navigation.ts';
import { attempt, notify } from '../../state/toasts.ts';
import { SweepCharts } from './SweepCharts.tsx';
import { SweepHeadline } from './SweepHeadline.tsx';
import { TrialsTable } from './TrialsTable.tsx';

/** Trials that are compared at once. */
const COMPARED = 5;

function resume(sweep: string): void {
  void attempt('The sweep could not be resumed', async () => {
    const { runs } = await client.studies.resume({ study: sweep, kind: 'sweep' });
    const title = runs === 0 ? 'Every run is done or in the queue' : `Queued ${countText(runs, 'run')}`;
    notify({ level: 'info', title });
  });
}

/** Whether a run has ended otherwise than completed, or is missing. */
const canResume = ({ trials, spec }: SweepPage) =>
  trials.some(
    ({ runs }) => runs.length < spec.seeds.length || runs.some(({ status }) => UNFINISHED.includes(status)),
  );

function newRun({ spec, best }: SweepPage): void {
  const { model, preset, overrides, dataset, seeds, device } = spec;
  openNewRun({
    model,
    preset,
    dataset: dataset.name,
    overrides: { ...overrides, ...best?.settings },
    seeds,
    device,
  });
}

/** One sweep: its best trial so far, what the settings do, and all trials. */
export function SweepView({ sweep }: { sweep: string }) {
  const query = api.studies.show.queryOptions({ input: { study: sweep, kind: 'sweep' } });
  const { data: page, error, refetch } = useKeptQuery(query);
  const data = page && 'trials' in page ? page : undefined;
  const ranked = data?.trials.filter(({ rank }) => rank !== null) ?? [];
  const compare: Action = {
    id: 'sweeps.compare',
    label: 'Compare the best trials',
    group: 'Run',
    shortcut: 'c',
    enabled: () => ranked.length > 1,
    perform: () => compareRuns(ranked.slice(0, COMPARED).flatMap(({ runs }) => runs.map(({ id }) => id))),
  };
  const again: Action = {
    id: 'sweeps.run',
    label: 'New run with the best settings',
    group: 'Run',
    shortcut: 'r',
    enabled: () => ranked.length > 0,
    perform: () => data && newRun(data),
  };
  const deletion: Action = {
    id: 'sweeps.delete',
    label: 'Delete this sweep',
    group: 'Edit',
    shortcut: 'Delete',
    enabled: () => data !== undefined,
    perform: () => data && void deleteStudy('sweep', data),
  };
  useRegisteredActions([compare, again, deletion]);
  const actions = data && (
    <>
      {canResume(data) && <Button onClick={() => resume(sweep)}>Resume</Button>}
      <ActionButton kind="danger" action={deletion}>
        Delete
      </ActionButton>
      <ActionButton action={again}>New run with the best</ActionButton>
      <ActionButton kind="primary" action={compare}>
        Compare the best
      </ActionButton>
    </>
  );
  const back = (
    <a className="back-link" href={routeLink('sweeps')}>
      All sweeps
    </a>
  );
  return (
    <Screen title={data?.name ?? 'Sweep'} aside={back} actions={actions}>
      {isUserError(error) ? (
        <EmptyState title="There is no such sweep" text={problemText(error)} />
      ) : (
        error && <Problem query={{ error, refetch }} />
      )}
      {data && <SweepBody sweep={data} />}
    </Screen>
  );
}

function SweepBody({ sweep }: { sweep: SweepPage }) {
  const { spec, best, problem } = sweep;
  const { search, draw, metric } = spec.sweep;
  const searched = search === 'grid' ? 'grid search' : `random search (draw ${draw})`;
  return (
    <>
      <SweepHeadline sweep={sweep} />
      <div className="sweep-page">
        <p className="muted">
          {modelTitle(spec.model)} on {spec.dataset.name}
          {spec.preset ? `, preset ${spec.preset}` : ''}, {searched}, {countText(spec.seeds.length, 'seed')}{' '}
          per trial. {best && `The best trial ${choiceText(metric)}`}
        </p>
        {problem && <p className="banner">{problem}</p>}
        <SweepCharts sweep={sweep} />
        <TrialsTable sweep={sweep} />
      </div>
    </>
  );
}

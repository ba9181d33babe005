import { metricDecimals } from '../../../core/api/metrics.ts';
import type { PlanCell, PlanProgress } from '../../../core/api/plans.ts';
import { settingsText } from '../../../core/api/studies.ts';
import { useModelColour } from '../../charts/use-chart-colours.ts';
import { type Column, column } from '../../components/columns.ts';
import { Answer } from '../../components/Screen.tsx';
import { ScreenFoot, Statement } from '../../components/Statement.tsx';
import { Table } from '../../components/Table.tsx';
import { countText, durationText } from '../../format/format.ts';
import { RunTile } from '../../runs/RunTile.tsx';
import { api, useKeptQuery } from '../../state/api.ts';
import { routeLink } from '../../state/navigation.ts';
import { PlanTiles, trialStates } from './PlanTiles.tsx';

/** The searches of a plan: what each was allowed, and what it has chosen. */
export function SearchView({ plan }: { plan: string }) {
  const query = useKeptQuery(api.plans.progress.queryOptions({ input: { plan } }));
  return <Answer query={query}>{(progress) => <Searches progress={progress} />}</Answer>;
}

interface Search extends PlanCell {
  id: string;
  trials: NonNullable<PlanCell['trials']>;
  model: string;
  name: string;
  place: string;
}

/** Each search once, whatever tables it is in. */
function searchesOf({ blocks, models }: PlanProgress): Search[] {
  return blocks.flatMap(({ dataset, title, table, cells }) =>
    cells.flatMap((cell) => {
      const { trials, repeats, entry } = cell;
      const model = models.find((one) => one.entry === entry);
      if (trials === null || repeats || !model) return [];
      return [{ ...cell, ...model, trials, place: `${dataset}, ${title}`, id: `${table} ${title} ${entry}` }];
    }),
  );
}

function Searches({ progress }: { progress: PlanProgress }) {
  const searches = searchesOf(progress);
  if (searches.length === 0)
    return <p className="page-inset muted">Every model of this plan is trained as given.</p>;
  const counts = searches.map(({ trials }) => trials.total);
  const [fewest, most] = [Math.min(...counts), Math.max(...counts)];
  const done = searches.reduce((sum, { trials }) => sum + trials.done, 0);
  const spent = searches.reduce((sum, { trials }) => sum + trials.seconds, 0);
  return (
    <div className="column tall">
      <Statement
        large
        fact={searches.length === 1 ? 'One search' : `${searches.length} searches`}
        limit={`: ${countText(done, 'trial')}, ${durationText(spent)} of training`}
      >
        {fewest === most
          ? `${countText(most, 'trial')} each.`
          : `Budgets are unequal: from ${fewest} to ${countText(most, 'trial')}. The table says so.`}
      </Statement>
      <div className="inset wide-tables">
        <Table label="Searches" columns={columnsOf(progress)} rows={searches} rowKey={({ id }) => id} />
      </div>
      <ScreenFoot>
        <span>A tile is a trial. Every choice was made by validation alone.</span>
      </ScreenFoot>
    </div>
  );
}

function columnsOf({ metric }: PlanProgress): Column<Search>[] {
  return [
    column('model', 'Model', 'text', ({ name }) => name, {
      width: 140,
      render: ({ model, name, trials }) => (
        <>
          <RunTile model={model} />
          {trials.study === null ? (
            name
          ) : (
            <a className="row-link" href={routeLink('sweeps', [trials.study])}>
              {name}
            </a>
          )}
        </>
      ),
    }),
    column('place', 'Data', 'text', ({ place }) => place, { width: 200 }),
    column('tiles', 'Trials', 'none', () => null, {
      width: 124,
      render: ({ trials, model }) => <Tiles trials={trials} model={model} />,
    }),
    column('count', 'Done', 'text', ({ trials }) => `${trials.done} of ${trials.total}`, { width: 80 }),
    column('failed', 'Failed', 'count', ({ trials }) => trials.failed, { width: 64 }),
    column('time', 'Time', 'duration', ({ trials }) => trials.seconds, { width: 104 }),
    column('best', 'Best validation', 'metric', ({ best }) => best, {
      ...{ width: 116, decimals: metricDecimals(metric) },
    }),
    column('chosen', 'Chosen', 'text', ({ chosen }) => (chosen === null ? '–' : settingsText(chosen)), {
      width: 280,
    }),
  ];
}

function Tiles({ trials, model }: Pick<Search, 'trials' | 'model'>) {
  const colour = useModelColour(model);
  return <PlanTiles states={trialStates(trials)} colour={colour} size={4} gap={1.4} line={20} />;
}

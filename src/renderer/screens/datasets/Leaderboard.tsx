import { useQuery } from '@tanstack/react-query';
import type { LeaderboardRow } from '../../../core/api/compare.ts';
import { metricLabel } from '../../../core/api/metrics.ts';
import { modelTitle } from '../../../core/api/models.ts';
import { MeanCell } from '../../components/CellContent.tsx';
import { type Column, column } from '../../components/columns.ts';
import { Missing } from '../../components/Screen.tsx';
import { Table } from '../../components/Table.tsx';
import { countText } from '../../format/format.ts';
import { RunTile } from '../../runs/RunTile.tsx';
import { api } from '../../state/api.ts';
import { routeLink } from '../../state/navigation.ts';

/** The configuration of each model that is best on validation items, the best one first, with its test. */
export function Leaderboard({ dataset }: { dataset: string }) {
  const answer = useQuery(api.compare.leaderboard.queryOptions({ input: { dataset } }));
  if (!answer.data) return <Missing query={answer} />;
  const { best, others, elsewhere, trials, metrics } = answer.data;
  const rows = [...best, ...others.filter(({ valid }) => valid === null)];
  if (rows.length === 0) return null;
  const weaker = best.length + others.length - rows.length;
  const isChosen = (row: LeaderboardRow) => rows.length > 1 && row === best[0];
  const title = ({ model }: LeaderboardRow) => modelTitle(model);
  const columns: Column<LeaderboardRow>[] = [
    column('model', 'Model', 'text', title, {
      render: (row) => (
        <>
          <RunTile model={row.model} />
          <a className="row-link" href={routeLink('run', [row.id])} title={row.name}>
            {title(row)}
          </a>
        </>
      ),
    }),
    column('valid', `${metricLabel(metrics[0])} on validation items`, 'metric', ({ valid }) => valid),
    ...metrics.map(
      (metric): Column<LeaderboardRow> =>
        column(metric, metricLabel(metric), 'mean', (row) => row.metrics[metric], {
          render: (row) => <MeanCell cell={row.metrics[metric]} place={isChosen(row) ? 'best' : undefined} />,
        }),
    ),
    column('seeds', 'Seeds', 'number', ({ runs }) => runs.length),
    column('seconds', 'Time', 'duration', ({ seconds }) => seconds),
  ];
  return (
    <section>
      <Table title="Leaderboard" columns={columns} rows={rows} />
      {weaker > 0 && (
        <p className="field-help">
          The configuration of each model that is best on validation items, those of several seeds before
          single runs; {countText(weaker, 'other')} of the same models {weaker === 1 ? 'was' : 'were'} not
          chosen.
        </p>
      )}
      {rows.length > best.length && (
        <p className="field-help">
          Without a value on validation items, with sources that may have seen the test, or with a fact that
          was not recorded: shown, never chosen.
        </p>
      )}
      {rows.map(
        (row) =>
          row.remark && (
            <p className="field-help" key={row.id}>
              {title(row)}: {row.remark}.
            </p>
          ),
      )}
      {trials > 0 && (
        <p className="field-help">
          Of sweeps only the chosen trial is here, of scaling studies none;{' '}
          {countText(trials, 'configuration')} left out.
        </p>
      )}
      {elsewhere > 0 && (
        <p className="field-help">
          {elsewhere === 1 ? 'One other configuration was' : `${elsewhere} other configurations were`}{' '}
          measured under another protocol or without these metrics.
        </p>
      )}
    </section>
  );
}

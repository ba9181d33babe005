import { useQuery } from '@tanstack/react-query';
import { metricLabel } from '../../../core/api/metrics.ts';
import { modelTitle } from '../../../core/api/models.ts';
import type { RunTableRow } from '../../../core/api/runs.ts';
import { modelColours } from '../../charts/colours.ts';
import { type Column, column, numeric } from '../../components/columns.ts';
import { Problem } from '../../components/Problem.tsx';
import { TitledTable } from '../../components/TitledTable.tsx';
import { countText, durationText, meanText } from '../../format/format.ts';
import { bestPlaces } from '../../runs/best-values.ts';
import { LEADERBOARD_METRICS, leaderboard, leaderboardQuery } from '../../runs/leaderboard.ts';
import { RunTile } from '../../runs/RunTile.tsx';
import { routeLink } from '../../state/navigation.ts';
import { useTheme } from '../../state/theme.ts';

/** The best configuration of each model among those that were measured in the same way, the best one first. */
export function Leaderboard({ dataset }: { dataset: string }) {
  const answer = useQuery(leaderboardQuery(dataset));
  const theme = useTheme((state) => state.theme);
  if (answer.error) return <Problem query={answer} />;
  const comparable = leaderboard(answer.data?.rows ?? []);
  const rows = comparable.filter(
    ({ model }, at) => comparable.findIndex((row) => row.model === model) === at,
  );
  if (rows.length === 0) return null;
  const place = bestPlaces(rows, rows.length);
  const weaker = comparable.length - rows.length;
  const left = (answer.data?.rows.length ?? 0) - comparable.length;
  const colours = modelColours(rows, theme);
  const title = ({ model }: RunTableRow) => modelTitle(model);
  const columns: Column<RunTableRow>[] = [
    column('model', 'Model', title, {
      render: (row) => (
        <>
          <RunTile model={row.model} colour={colours.get(row.model)} />
          <a className="row-link" href={routeLink('run', [row.id])} title={row.name}>
            {title(row)}
          </a>
        </>
      ),
    }),
    ...LEADERBOARD_METRICS.map(
      (metric): Column<RunTableRow> =>
        numeric(metric, metricLabel(metric), (row) => meanText(row.metrics[metric]), {
          render: (row) =>
            place(row, metric) === 'best' ? (
              <strong>{meanText(row.metrics[metric])}</strong>
            ) : (
              meanText(row.metrics[metric])
            ),
        }),
    ),
    numeric('seeds', 'Seeds', ({ runs }) => String(runs.length)),
    numeric('seconds', 'Time', ({ seconds }) => durationText(seconds)),
  ];
  return (
    <section>
      <TitledTable title="Leaderboard" columns={columns} rows={rows} rowKey={({ id }) => id} />
      {weaker > 0 && (
        <p className="field-help">
          The best configuration of each model; {countText(weaker, 'other')} of the same models did worse.
        </p>
      )}
      {left > 0 && (
        <p className="field-help">
          {left === 1 ? 'One other configuration was' : `${left} other configurations were`} measured under
          another protocol or without these metrics.
        </p>
      )}
    </section>
  );
}

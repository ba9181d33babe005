import { useQueries, useQuery } from '@tanstack/react-query';
import type { DatasetSummary } from '../../../core/api/datasets.ts';
import { modelTitle } from '../../../core/api/models.ts';
import type { RunTablePage, RunTableRow } from '../../../core/api/runs.ts';
import { modelColours } from '../../charts/colours.ts';
import { grouped, meanText } from '../../format/format.ts';
import { leaderboard, leaderboardQuery, MAIN_METRIC } from '../../runs/leaderboard.ts';
import { RunTile } from '../../runs/RunTile.tsx';
import { routeLink } from '../../state/navigation.ts';
import { useTheme } from '../../state/theme.ts';

const SHOWN = 8;
/** Configurations that a course can be seen from. */
const FEWEST = 3;

const boardsOf = (pages: readonly { data?: RunTablePage }[]) =>
  pages.map(({ data }) => leaderboard(data?.rows ?? []));

/** The best configuration of each data set, and where all those stand that were measured in the same way. */
export function BestByDataset({ datasets }: { datasets: readonly DatasetSummary[] }) {
  const sets = datasets.filter(({ clicks }) => !clicks).slice(0, SHOWN);
  const boards = useQueries({ queries: sets.map(({ name }) => leaderboardQuery(name)), combine: boardsOf });
  const lines = sets.flatMap((dataset, at) => (boards[at].length > 0 ? [{ dataset, rows: boards[at] }] : []));
  const progress = lines.flatMap(({ dataset, rows }) =>
    rows.length < FEWEST ? [] : [{ dataset: dataset.name, rows }],
  );
  // The library that draws it is large, and the rest of Home need not wait for it.
  const { data: chart } = useQuery({
    queryKey: ['screen', 'home', 'best-so-far'],
    queryFn: () => import('./BestSoFar.tsx'),
    enabled: progress.length > 0,
    gcTime: Infinity,
  });
  const theme = useTheme((state) => state.theme);
  if (lines.length === 0) return null;
  const BestSoFar = chart?.default;
  return (
    <>
      <section aria-label="Best by data set">
        <div className="home-heading">
          <h2>Best by data set</h2>
          <span className="muted">test NDCG@10, one protocol per data set</span>
        </div>
        <table className="static-table home-best">
          <thead>
            <tr>
              <th scope="col">Data set</th>
              <th scope="col" data-align="end">
                Interactions
              </th>
              <th scope="col">Best</th>
              <th scope="col" data-align="end">
                NDCG@10
              </th>
              <th scope="col" className="home-all">
                All configurations
              </th>
            </tr>
          </thead>
          <tbody>
            {lines.map(({ dataset, rows: [best, ...others] }) => (
              <tr key={dataset.id}>
                <th scope="row">
                  <a className="row-link" href={routeLink('datasets', [dataset.name])}>
                    {dataset.name}
                  </a>
                </th>
                <td data-align="end">{grouped(dataset.statistics.interactions)}</td>
                <td>
                  <RunTile
                    model={best.model}
                    colour={modelColours([best, ...others], theme).get(best.model)}
                  />
                  <a className="row-link" href={routeLink('run', [best.id])}>
                    {modelTitle(best.model)}
                  </a>
                </td>
                <td data-align="end">
                  <strong>{meanText(best.metrics[MAIN_METRIC])}</strong>
                </td>
                <td>
                  <Strip rows={[best, ...others]} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {BestSoFar && progress.length > 0 && <BestSoFar all={progress} />}
    </>
  );
}

/** A tile for each configuration from 0 to the best, which is a diamond. */
function Strip({ rows }: { rows: readonly RunTableRow[] }) {
  const theme = useTheme((state) => state.theme);
  const top = rows[0].metrics[MAIN_METRIC].mean || 1;
  const colours = modelColours(rows, theme);
  const words = rows.map((row) => `${modelTitle(row.model)} ${meanText(row.metrics[MAIN_METRIC])}`);
  return (
    <div className="home-strip" role="img" aria-label={words.join(', ')}>
      {rows.toReversed().map((row) => (
        <i
          key={row.id}
          title={`${modelTitle(row.model)} ${meanText(row.metrics[MAIN_METRIC])}`}
          data-best={row === rows[0] || undefined}
          style={{
            left: `${(100 * row.metrics[MAIN_METRIC].mean) / top}%`,
            background: colours.get(row.model),
          }}
        />
      ))}
    </div>
  );
}

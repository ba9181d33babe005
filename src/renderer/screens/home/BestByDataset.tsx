import { useQueries, useQuery } from '@tanstack/react-query';
import { LEADERBOARD_METRIC, type Leaderboard, type LeaderboardRow } from '../../../core/api/compare.ts';
import type { DatasetSummary } from '../../../core/api/datasets.ts';
import { modelTitle } from '../../../core/api/models.ts';
import { modelColours } from '../../charts/colours.ts';
import { grouped, meanText } from '../../format/format.ts';
import { RunTile } from '../../runs/RunTile.tsx';
import { api } from '../../state/api.ts';
import { routeLink } from '../../state/navigation.ts';
import { useTheme } from '../../state/theme.ts';

const SHOWN = 8;
/** Configurations that a course can be seen from. */
const FEWEST = 3;

const boardsOf = (answers: readonly { data?: Leaderboard }[]) =>
  answers.map(({ data }) => ({
    best: data?.best[0],
    rows: data ? [...data.best, ...data.others] : [],
  }));

/** The configuration of each data set that is best on validation items, and where all those stand that were measured in the same way. */
export function BestByDataset({ datasets }: { datasets: readonly DatasetSummary[] }) {
  const sets = datasets.filter(({ clicks }) => !clicks).slice(0, SHOWN);
  const boards = useQueries({
    queries: sets.map(({ name }) => api.compare.leaderboard.queryOptions({ input: { dataset: name } })),
    combine: boardsOf,
  });
  const lines = sets.flatMap((dataset, at) =>
    boards[at].rows.length > 0 ? [{ dataset, ...boards[at] }] : [],
  );
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
          <span className="muted">
            chosen on validation items, with its test NDCG@10; one protocol per data set
          </span>
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
            {lines.map(({ dataset, best, rows }) => (
              <tr key={dataset.id}>
                <th scope="row">
                  <a className="row-link" href={routeLink('datasets', [dataset.name])}>
                    {dataset.name}
                  </a>
                </th>
                <td data-align="end">{grouped(dataset.statistics.interactions)}</td>
                <td>
                  {best ? (
                    <>
                      <RunTile model={best.model} colour={modelColours(rows, theme).get(best.model)} />
                      <a className="row-link" href={routeLink('run', [best.id])}>
                        {modelTitle(best.model)}
                      </a>
                    </>
                  ) : (
                    '–'
                  )}
                </td>
                <td data-align="end">
                  <strong>{best ? meanText(best.metrics[LEADERBOARD_METRIC]) : '–'}</strong>
                </td>
                <td>
                  <Strip best={best} rows={rows} />
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

/** A tile for each configuration at its test value, from 0 to the largest; the chosen one is a diamond. */
function Strip({ best, rows }: { best: LeaderboardRow | undefined; rows: readonly LeaderboardRow[] }) {
  const theme = useTheme((state) => state.theme);
  const top = Math.max(...rows.map(({ metrics }) => metrics[LEADERBOARD_METRIC].mean)) || 1;
  const colours = modelColours(rows, theme);
  const words = rows.map((row) => `${modelTitle(row.model)} ${meanText(row.metrics[LEADERBOARD_METRIC])}`);
  return (
    <div className="home-strip" role="img" aria-label={words.join(', ')}>
      {rows.toReversed().map((row) => (
        <i
          key={row.id}
          title={`${modelTitle(row.model)} ${meanText(row.metrics[LEADERBOARD_METRIC])}`}
          data-best={row === best || undefined}
          style={{
            left: `${(100 * row.metrics[LEADERBOARD_METRIC].mean) / top}%`,
            background: colours.get(row.model),
          }}
        />
      ))}
    </div>
  );
}

import { useQueries } from '@tanstack/react-query';
import type { DatasetSummary } from '../../../core/api/datasets.ts';
import type { RunTableRow } from '../../../core/api/runs.ts';
import { modelColour } from '../../charts/colours.ts';
import { grouped, meanText } from '../../format/format.ts';
import { modelTitle } from '../../format/model-titles.ts';
import { leaderboard, leaderboardQuery, MAIN_METRIC } from '../../runs/leaderboard.ts';
import { RunTile } from '../../runs/RunTile.tsx';
import { routeLink } from '../../state/navigation.ts';
import { useTheme } from '../../state/theme.ts';

const SHOWN = 8;

/** The best configuration of each data set, and where all those stand that were measured in the same way. */
export function BestByDataset({ datasets }: { datasets: readonly DatasetSummary[] }) {
  const sets = datasets.filter(({ clicks }) => !clicks).slice(0, SHOWN);
  const pages = useQueries({ queries: sets.map(({ name }) => leaderboardQuery(name)) });
  const lines = sets.flatMap((dataset, at) => {
    const rows = leaderboard(pages[at].data?.rows ?? []);
    return rows.length > 0 ? [{ dataset, rows }] : [];
  });
  if (lines.length === 0) return null;
  return (
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
                <RunTile model={best.model} />
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
  );
}

/** A tile for each configuration from 0 to the best, which is a diamond. */
function Strip({ rows }: { rows: readonly RunTableRow[] }) {
  const theme = useTheme((state) => state.theme);
  const top = rows[0].metrics[MAIN_METRIC].mean || 1;
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
            background: modelColour(row.model, theme),
          }}
        />
      ))}
    </div>
  );
}

import { useQueries } from '@tanstack/react-query';
import type { DatasetSummary } from '../../../core/api/datasets.ts';
import type { RunTableRow } from '../../../core/api/runs.ts';
import { modelColour } from '../../charts/colours.ts';
import { grouped, meanText } from '../../format/format.ts';
import { leaderboard, leaderboardQuery, MAIN_METRIC } from '../../runs/leaderboard.ts';
import { RunTile } from '../../runs/RunTile.tsx';
import { useModelTitles } from '../../state/model-titles.ts';
import { routeLink } from '../../state/navigation.ts';
import { useTheme } from '../../state/theme.ts';

const SHOWN = 8;
const [WIDTH, HEIGHT, TILE] = [260, 16, 7];

/** The best configuration of each data set, and where all those stand that were measured in the same way. */
export function BestByDataset({ datasets }: { datasets: readonly DatasetSummary[] }) {
  const titles = useModelTitles();
  const sets = datasets.filter(({ clicks }) => !clicks).slice(0, SHOWN);
  const pages = useQueries({ queries: sets.map(({ name }) => leaderboardQuery(name)) });
  const lines = sets.flatMap((dataset, at) => {
    const rows = leaderboard(pages[at].data?.rows ?? []);
    return rows.length > 0 ? [{ dataset, rows }] : [];
  });
  if (lines.length === 0) return null;
  const title = (id: string) => titles.get(id) ?? id;
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
            <th scope="col">All configurations</th>
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
                  {title(best.model)}
                </a>
              </td>
              <td data-align="end">
                <strong>{meanText(best.metrics[MAIN_METRIC])}</strong>
              </td>
              <td>
                <Strip rows={[best, ...others]} title={title} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** A tile for each configuration from 0 to the best, which is a diamond. */
function Strip({ rows, title }: { rows: readonly RunTableRow[]; title(model: string): string }) {
  const theme = useTheme((state) => state.theme);
  const top = rows[0].metrics[MAIN_METRIC].mean || 1;
  const x = (row: RunTableRow) => TILE + (row.metrics[MAIN_METRIC].mean / top) * (WIDTH - 2 * TILE);
  const words = rows.map((row) => `${title(row.model)} ${meanText(row.metrics[MAIN_METRIC])}`);
  return (
    <svg width={WIDTH} height={HEIGHT} role="img" aria-label={words.join(', ')}>
      <path d={`M0 ${HEIGHT / 2}h${WIDTH}`} stroke="var(--line)" />
      {rows.toReversed().map((row) => (
        <rect
          key={row.id}
          x={x(row) - TILE / 2}
          y={(HEIGHT - TILE) / 2}
          width={TILE}
          height={TILE}
          fill={modelColour(row.model, theme)}
          stroke="var(--background)"
          transform={row === rows[0] ? `rotate(45 ${x(row)} ${HEIGHT / 2})` : undefined}
        >
          <title>{`${title(row.model)} ${meanText(row.metrics[MAIN_METRIC])}`}</title>
        </rect>
      ))}
    </svg>
  );
}

import { useQuery } from '@tanstack/react-query';
import { colourIndex } from '../../../core/api/colours.ts';
import type { Leaderboard, LeaderboardRow } from '../../../core/api/compare.ts';
import type { DatasetSummary } from '../../../core/api/datasets.ts';
import { isVariant } from '../../../core/api/figures.ts';
import { metricDecimals, metricLabel } from '../../../core/api/metrics.ts';
import { modelTitle } from '../../../core/api/models.ts';
import { modelColour } from '../../charts/colours.ts';
import { MeanCell } from '../../components/CellContent.tsx';
import { type Column, column } from '../../components/columns.ts';
import { Table } from '../../components/Table.tsx';
import { countText, fixed, meanText } from '../../format/format.ts';
import { RunTile } from '../../runs/RunTile.tsx';
import { useLeaderboards, useTrainedDatasets } from '../../runs/trained-datasets.ts';
import { together } from '../../state/api.ts';
import { routeLink } from '../../state/navigation.ts';
import { useTheme } from '../../state/theme.ts';

const SHOWN = 8;
/** Configurations that a course can be seen from. */
const FEWEST = 3;

/** What was measured alike on a data set. */
export interface Board {
  dataset: DatasetSummary;
  /** What ranks. */
  metric: string;
  rows: readonly LeaderboardRow[];
  best: LeaderboardRow | undefined;
}

/** The configuration of each data set that is best on validation items, and where all those stand that were measured in the same way. */
export default function BestByDataset({ datasets }: { datasets: readonly DatasetSummary[] }) {
  const trained = useTrainedDatasets();
  const sets = (trained.data ?? []).flatMap((name) => datasets.find((one) => one.name === name) ?? []);
  const answers = useLeaderboards(sets.map(({ name }) => name));
  const boards = sets.flatMap((dataset): Board[] => boardOf(dataset, answers.data?.[dataset.name]));
  const all = together(sets.length > 0 ? [trained, answers] : [trained]);
  const progress = boards.filter(({ rows }) => rows.length >= FEWEST);
  // The library that draws it is large, and the rest of Home need not wait for it.
  const { data: chart } = useQuery({
    queryKey: ['screen', 'home', 'best-so-far'],
    queryFn: () => import('./BestSoFar.tsx'),
    enabled: progress.length > 0,
    gcTime: Infinity,
  });
  const theme = useTheme((state) => state.theme);
  const BestSoFar = chart?.default;
  return (
    <>
      {(all.data === undefined || boards.length > 0) && (
        <section aria-label="Best by data set" className="home-best wide-tables">
          <Table
            title="Best by data set"
            detail="chosen on validation items, with its test; one protocol per data set"
            columns={bestColumns(theme)}
            rows={boards.length > 0 ? boards.slice(0, SHOWN) : undefined}
            query={all}
          />
        </section>
      )}
      {BestSoFar && progress.length > 0 && <BestSoFar all={progress} />}
    </>
  );
}

/** One list an answer: its figure is drawn once. */
const allRows = new WeakMap<Leaderboard, LeaderboardRow[]>();

function boardOf(dataset: DatasetSummary, answer: Leaderboard | undefined): Board[] {
  if (!answer) return [];
  const { best, others, metrics } = answer;
  const rows = allRows.get(answer) ?? [...best, ...others];
  allRows.set(answer, rows);
  return rows.length === 0 ? [] : [{ dataset, metric: metrics[0], rows, best: best[0] }];
}

function bestColumns(theme: 'light' | 'dark'): Column<Board>[] {
  return [
    column('dataset', 'Data set', 'text', ({ dataset }) => dataset.name, {
      render: ({ dataset: { name } }) => (
        <a className="row-link" href={routeLink('datasets', [name])}>
          {name}
        </a>
      ),
    }),
    column('interactions', 'Interactions', 'count', ({ dataset }) => dataset.statistics.interactions),
    column('best', 'Best', 'text', ({ best }) => best && modelTitle(best.model), {
      render: ({ best }) =>
        best && (
          <>
            <RunTile model={best.model} />
            <a className="row-link" href={routeLink('run', [best.id])}>
              {modelTitle(best.model)}
            </a>
          </>
        ),
    }),
    column('metric', 'Metric', 'text', ({ metric }) => metricLabel(metric)),
    column('test', 'Test', 'mean', ({ best, metric }) => best?.metrics[metric], {
      render: ({ best, metric }) => (
        <MeanCell cell={best?.metrics[metric]} decimals={metricDecimals(metric)} place="best" />
      ),
    }),
    column('all', 'All configurations', 'none', () => null, {
      render: (board) => <Strip board={board} theme={theme} />,
    }),
  ];
}

/** Places along the strip; configurations nearer to each other than that are one tile. */
const PLACES = 200;
const [TILE, HEIGHT] = [8, 16];

/** A tile for each configuration at its test value, from 0 to the largest; the chosen one is a diamond. */
function Strip({ board, theme }: { board: Board; theme: 'light' | 'dark' }) {
  const { rows, best, metric } = board;
  const decimals = metricDecimals(metric);
  const values = rows.map(({ metrics }) => metrics[metric].mean);
  const top = Math.max(...values) || 1;
  const placeOf = (row: LeaderboardRow) => Math.round((PLACES * row.metrics[metric].mean) / top);
  const range = `${fixed(Math.min(...values), decimals)} to ${fixed(top, decimals)}`;
  const chosen = best && `; ${modelTitle(best.model)} ${meanText(best.metrics[metric], decimals)} is chosen`;
  const label = `${countText(rows.length, 'configuration')}, ${range}${chosen ?? ''}`;
  return (
    <svg className="home-strip block" overflow="visible" role="img" aria-label={label}>
      <title>{label}</title>
      <svg
        viewBox={`0 0 ${PLACES} ${HEIGHT}`}
        preserveAspectRatio="none"
        overflow="visible"
        aria-hidden="true"
      >
        {[...Map.groupBy(rows.toReversed(), ({ model }) => model)].map(([model, alike]) => (
          <Tiles
            key={model}
            places={[...new Set(alike.map(placeOf))]}
            colour={modelColour(model, theme)}
            hollow={isVariant(colourIndex(model))}
          />
        ))}
      </svg>
      {best && (
        <svg x={`${(100 * placeOf(best)) / PLACES}%`} y={HEIGHT / 2} overflow="visible" aria-hidden="true">
          <path d="M0-6 6 0 0 6-6 0z" fill={modelColour(best.model, theme)} />
        </svg>
      )}
    </svg>
  );
}

const SQUARE = { strokeLinecap: 'square', vectorEffect: 'non-scaling-stroke' } as const;

/** Of one model: points of a path, whose square ends stay square however wide the strip is. */
function Tiles({ places, colour, hollow }: { places: number[]; colour: string; hollow: boolean }) {
  const d = places.map((place) => `M${place} ${HEIGHT / 2}h.01`).join('');
  return (
    <>
      <path d={d} stroke={colour} strokeWidth={TILE} {...SQUARE} />
      {hollow && <path d={d} stroke="var(--background)" strokeWidth={TILE - 3} {...SQUARE} />}
    </>
  );
}

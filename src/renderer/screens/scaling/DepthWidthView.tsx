import * as Plot from '@observablehq/plot';
import { useMemo } from 'react';
import {
  amount,
  DEPTH_WIDTH_NOTE,
  type DepthWidth,
  type DepthWidthCell,
  percentText,
  type StudyMetric,
} from '../../../core/api/studies.ts';
import { PlotFigure } from '../../charts/PlotFigure.tsx';
import { tiles } from '../../charts/tiles.ts';
import { useChartColours } from '../../charts/use-chart-colours.ts';
import { type Column, column } from '../../components/columns.ts';
import { Table } from '../../components/Table.tsx';
import { countText, fixed } from '../../format/format.ts';
import { axisTitle } from './messages.ts';

const columns: Column<DepthWidthCell>[] = [
  column('size', 'Size', 'text', ({ label }) => label),
  column('depth', 'Blocks', 'number', ({ depth }) => depth),
  column('width', 'Width', 'number', ({ width }) => width),
  column('n', 'Non-embedding', 'count', ({ nonEmbedding }) => nonEmbedding),
  column('loss', 'Cross-entropy', 'metric', ({ crossEntropy }) => crossEntropy),
  column('ndcg', 'NDCG@10', 'metric', ({ ndcg }) => ndcg),
];

const METRICS: Record<StudyMetric, { title: string; of(cell: DepthWidthCell): number | null }> = {
  'cross-entropy': { title: 'Cross-entropy (nats)', of: ({ crossEntropy }) => crossEntropy },
  'ndcg@10': { title: 'NDCG@10', of: ({ ndcg }) => ndcg },
};

/** Whether a number of parameters does better in more blocks or in wider ones: one line a depth, widths at its points. */
export function DepthWidthView({ grid, metric }: { grid: DepthWidth; metric: StudyMetric }) {
  const { title, of } = METRICS[metric];
  const { palette } = useChartColours();
  const options = useMemo((): Plot.PlotOptions => {
    const cells = grid.cells.flatMap((cell) => {
      const y = of(cell);
      return y === null ? [] : [{ ...cell, y, blocks: countText(cell.depth, 'block') }];
    });
    const place = { x: 'nonEmbedding', y: 'y' } as const;
    return {
      height: 380,
      marginLeft: 64,
      marginBottom: 44,
      marginTop: 24,
      inset: 12,
      x: {
        type: 'log',
        label: axisTitle('parameters'),
        grid: true,
        labelAnchor: 'center',
        tickFormat: amount,
      },
      y: { label: title, grid: true, ticks: 6 },
      color: { legend: true, domain: [...new Set(cells.map(({ blocks }) => blocks))], range: palette },
      marks: [
        Plot.line(cells, { ...place, z: 'depth', stroke: 'blocks', strokeWidth: 1.5, sort: 'nonEmbedding' }),
        tiles(cells, {
          ...place,
          fill: 'blocks',
          title: ({ label, nonEmbedding, y }: (typeof cells)[number]) =>
            `${label}\n${amount(nonEmbedding)}, ${fixed(y, 4)}`,
        }),
        Plot.text(cells, { ...place, text: ({ width }) => String(width), dy: -11, fill: 'currentColor' }),
      ],
    };
  }, [grid, of, title, palette]);
  const hasResults = grid.cells.some((cell) => of(cell) !== null);
  return (
    <section className="stack">
      {hasResults && (
        <PlotFigure
          title={`${title} by depth, ${percentText(grid.share)} of the users`}
          description={`${title} against non-embedding parameters, one line a number of blocks; the number at a point is its width`}
          fileName={`scaling-depth-width-${metric}`}
          options={options}
        />
      )}
      <p className="muted scaling-prose">{DEPTH_WIDTH_NOTE}</p>
      <Table title="Depth and width" columns={columns} rows={grid.cells} rowKey={({ label }) => label} />
    </section>
  );
}

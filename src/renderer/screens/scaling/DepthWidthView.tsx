import {
  DEPTH_WIDTH_NOTE,
  type DepthWidth,
  type DepthWidthCell,
  type StudyMetric,
} from '../../../core/api/studies.ts';
import { Figure } from '../../charts/Figure.tsx';
import { type Column, column, numeric } from '../../components/columns.ts';
import { TitledTable } from '../../components/TitledTable.tsx';
import { fixed, grouped } from '../../format/format.ts';
import { depthWidthFigure } from './figures.ts';

const columns: Column<DepthWidthCell>[] = [
  column('size', 'Size', ({ label }) => label),
  numeric('depth', 'Blocks', ({ depth }) => String(depth)),
  numeric('width', 'Width', ({ width }) => String(width)),
  numeric('n', 'Non-embedding', ({ nonEmbedding }) => grouped(nonEmbedding)),
  numeric('loss', 'Cross-entropy', ({ crossEntropy }) => fixed(crossEntropy, 4)),
  numeric('ndcg', 'NDCG@10', ({ ndcg }) => fixed(ndcg, 4)),
];

/** Whether a number of parameters does better in more blocks or in wider ones: one line a depth, widths at its points. */
export function DepthWidthView({ grid, metric }: { grid: DepthWidth; metric: StudyMetric }) {
  const spec = depthWidthFigure(grid, metric);
  return (
    <section className="stack">
      {spec && <Figure spec={spec} />}
      <p className="muted scaling-prose">{DEPTH_WIDTH_NOTE}</p>
      <TitledTable
        title="Depth and width"
        columns={columns}
        rows={grid.cells}
        rowKey={({ label }) => label}
      />
    </section>
  );
}

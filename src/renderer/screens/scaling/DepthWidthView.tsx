import {
  DEPTH_WIDTH_NOTE,
  type DepthWidth,
  type DepthWidthCell,
  depthWidthFigure,
  type StudyMetric,
} from '../../../core/api/studies.ts';
import { Figure } from '../../charts/Figure.tsx';
import { type Column, column } from '../../components/columns.ts';
import { Table } from '../../components/Table.tsx';

const columns: Column<DepthWidthCell>[] = [
  column('size', 'Size', 'text', ({ label }) => label),
  column('depth', 'Blocks', 'number', ({ depth }) => depth),
  column('width', 'Width', 'number', ({ width }) => width),
  column('n', 'Non-embedding', 'count', ({ nonEmbedding }) => nonEmbedding),
  column('loss', 'Cross-entropy', 'metric', ({ crossEntropy }) => crossEntropy),
  column('ndcg', 'NDCG@10', 'metric', ({ ndcg }) => ndcg),
];

/** Whether a number of parameters does better in more blocks or in wider ones: one line a depth, widths at its points. */
export function DepthWidthView({ grid, metric }: { grid: DepthWidth; metric: StudyMetric }) {
  const spec = depthWidthFigure(grid, metric);
  return (
    <section className="stack">
      {spec && <Figure spec={spec} />}
      <p className="muted" style={{ maxWidth: '90ch' }}>
        {DEPTH_WIDTH_NOTE}
      </p>
      <Table title="Depth and width" columns={columns} rows={grid.cells} rowKey={({ label }) => label} />
    </section>
  );
}

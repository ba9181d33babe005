import type { StudyPoint } from '../../../core/api/studies.ts';
import { CopyMenu } from '../../components/CopyMenu.tsx';
import type { Column } from '../../components/data-table-types.ts';
import { StaticTable } from '../../components/StaticTable.tsx';
import { durationText, fixed, grouped } from '../../format/format.ts';
import { placeLink } from '../../state/navigation.ts';
import { amountText, percentText } from './amounts.ts';

const counts: Column<StudyPoint>[] = [
  { id: 'size', title: 'Size', text: ({ label }) => label },
  { id: 'share', title: 'Users', numeric: true, text: ({ share }) => percentText(share) },
  { id: 'seed', title: 'Seed', numeric: true, text: ({ seed }) => String(seed) },
  { id: 'n', title: 'Non-embedding', numeric: true, text: ({ nonEmbedding }) => grouped(nonEmbedding) },
  { id: 'parameters', title: 'Parameters', numeric: true, text: ({ parameters }) => grouped(parameters) },
  { id: 'positions', title: 'Positions', numeric: true, text: ({ positions }) => grouped(positions) },
  { id: 'flops', title: 'FLOP', numeric: true, text: ({ flops }) => amountText(flops) },
];

const results: Column<StudyPoint>[] = [
  { id: 'seconds', title: 'Time', numeric: true, text: ({ seconds }) => durationText(seconds) },
  { id: 'loss', title: 'Cross-entropy', numeric: true, text: ({ crossEntropy }) => fixed(crossEntropy, 4) },
  { id: 'ndcg', title: 'NDCG@10', numeric: true, text: ({ ndcg }) => fixed(ndcg, 4) },
  {
    ...{ id: 'run', title: 'Run', text: ({ run }) => run?.status ?? 'no run' },
    render: ({ run }) => (run ? <a href={placeLink('run', [run.id])}>{run.status}</a> : 'no run'),
  },
];

/** Every cell of the grid: what it counts and, once they are there, its results. */
export function PointsTable({ points, results: shown }: { points: readonly StudyPoint[]; results: boolean }) {
  const columns = shown ? [...counts, ...results] : counts;
  return (
    <section className="stack">
      <div className="chart-head">
        <h2>Grid</h2>
        <CopyMenu columns={columns} rows={() => points} />
      </div>
      <StaticTable
        label="Grid"
        columns={columns}
        rows={points}
        rowKey={({ size, share, seed }) => `${size} ${share} ${seed}`}
      />
    </section>
  );
}

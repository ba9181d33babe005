import { amount, percentText, type StudyPoint } from '../../../core/api/studies.ts';
import { type Column, column, numeric } from '../../components/columns.ts';
import { TitledTable } from '../../components/TitledTable.tsx';
import { durationText, fixed, grouped } from '../../format/format.ts';
import { statusText } from '../../runs/RunStatus.tsx';
import { routeLink } from '../../state/navigation.ts';

const counts: Column<StudyPoint>[] = [
  column('size', 'Size', ({ label }) => label),
  numeric('share', 'Users', ({ share }) => percentText(share)),
  numeric('seed', 'Seed', ({ seed }) => String(seed)),
  numeric('n', 'Non-embedding', ({ nonEmbedding }) => grouped(nonEmbedding)),
  numeric('parameters', 'Parameters', ({ parameters }) => grouped(parameters)),
  numeric('positions', 'Positions', ({ positions }) => grouped(positions)),
  numeric('flops', 'FLOP', ({ flops }) => amount(flops)),
];

const results: Column<StudyPoint>[] = [
  numeric('seconds', 'Time', ({ seconds }) => durationText(seconds)),
  numeric('loss', 'Cross-entropy', ({ crossEntropy }) => fixed(crossEntropy, 4)),
  numeric('ndcg', 'NDCG@10', ({ ndcg }) => fixed(ndcg, 4)),
  column('run', 'Run', ({ run }) => (run ? statusText(run.status) : 'No run'), {
    render: ({ run, label, share, seed }) =>
      run ? (
        <a
          href={routeLink('run', [run.id])}
          aria-label={`${statusText(run.status)}: ${label}, ${percentText(share)}, seed ${seed}`}
        >
          {statusText(run.status)}
        </a>
      ) : (
        'No run'
      ),
  }),
];

/** Every cell of the grid: what it counts and, once they are there, its results. */
export function PointsTable({ points, results: shown }: { points: readonly StudyPoint[]; results: boolean }) {
  const columns = shown ? [...counts, ...results] : counts;
  return (
    <section className="stack">
      <TitledTable
        title="Grid"
        columns={columns}
        rows={points}
        rowKey={({ size, share, seed }) => `${size} ${share} ${seed}`}
      />
    </section>
  );
}

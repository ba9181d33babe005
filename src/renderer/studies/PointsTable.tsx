import { amount, percentText, type StudyPoint } from '../../core/api/studies.ts';
import { type Column, column } from '../components/columns.ts';
import { Table } from '../components/Table.tsx';
import { statusText } from '../runs/RunStatus.tsx';
import { routeLink } from '../state/navigation.ts';

const counts: Column<StudyPoint>[] = [
  column('size', 'Size', 'text', ({ label }) => label),
  column('share', 'Users', 'percent', ({ share }) => share),
  column('seed', 'Seed', 'number', ({ seed }) => seed),
  column('n', 'Non-embedding', 'count', ({ nonEmbedding }) => nonEmbedding),
  column('parameters', 'Parameters', 'count', ({ parameters }) => parameters),
  column('positions', 'Positions', 'count', ({ positions }) => positions),
  column('flops', 'FLOP', 'metric', ({ flops }) => flops, { text: ({ flops }) => amount(flops) }),
];

const results: Column<StudyPoint>[] = [
  column('seconds', 'Time', 'duration', ({ seconds }) => seconds),
  column('loss', 'Cross-entropy', 'metric', ({ crossEntropy }) => crossEntropy),
  column('ndcg', 'NDCG@10', 'metric', ({ ndcg }) => ndcg),
  column('run', 'Run', 'text', ({ run }) => (run ? statusText(run.status) : 'No run'), {
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
      <Table title="Grid" columns={columns} rows={points} />
    </section>
  );
}

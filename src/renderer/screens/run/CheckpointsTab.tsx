import { useQueries } from '@tanstack/react-query';
import { metricDecimals, metricLabel } from '../../../core/api/metrics.ts';
import type { AttemptRecord, RunCheckpoint, RunPage } from '../../../core/api/runs.ts';
import { CopyButton } from '../../components/CopyButton.tsx';
import { type Column, column } from '../../components/columns.ts';
import { Table } from '../../components/Table.tsx';
import { api } from '../../state/api.ts';

/** A checkpoint with what selects the epoch, as it was measured there. */
interface Kept extends RunCheckpoint {
  value: number | undefined;
}

const checkpointColumns = (metric: string): Column<Kept>[] => [
  column('kind', 'Kind', 'text', ({ kind }) => kind),
  column('epoch', 'Epoch', 'count', ({ epoch }) => epoch),
  column('step', 'Step', 'count', ({ step }) => step),
  column('value', metricLabel(metric), 'metric', ({ value }) => value, metricDecimals(metric)),
  column('size', 'Size', 'bytes', ({ bytes }) => bytes),
  column('path', 'File', 'text', ({ path }) => path, {
    render: ({ path }) => (
      <span className="mono" title={path}>
        {path.split(/[\\/]/).at(-1)}
      </span>
    ),
  }),
  column('copy', '', 'none', () => null, {
    head: <span className="visually-hidden">Copy</span>,
    render: ({ path }) => <CopyButton what="the path" text={path} />,
  }),
];

/** The series of which one selects the epoch. */
const SELECTING = ['valid/ndcg@10', 'valid/auc'];

function useKept({ run, checkpoints, series }: RunPage): { kept: Kept[]; metric: string } {
  const metric = SELECTING.find((name) => series.some((one) => one.metric === name)) ?? 'train/loss';
  const values = useQueries({
    queries: checkpoints.map(({ step }) =>
      api.runs.series.queryOptions({
        input: { run: run.id, metrics: [metric], from: step, to: step, pixels: 10 },
      }),
    ),
    combine: (all) => all.map(({ data }) => data?.[0]?.values[0]),
  });
  return { metric, kept: checkpoints.map((one, at) => ({ ...one, value: values[at] })) };
}

const ATTEMPTS: Column<AttemptRecord>[] = [
  column('number', 'Attempt', 'number', ({ number }) => number),
  column('from', 'From step', 'count', ({ fromStep }) => fromStep),
  column('started', 'Started', 'time', ({ startedAt }) => startedAt),
  column('time', 'Time', 'duration', ({ startedAt, endedAt }) =>
    endedAt === null ? null : (endedAt - startedAt) / 1000,
  ),
  column('outcome', 'Ended', 'text', ({ outcome }) => outcome?.replaceAll('-', ' ') ?? 'running'),
  column('pid', 'Process', 'number', ({ pid }) => pid),
];

/** Checkpoints to resume from, and every attempt at training the run. */
export function CheckpointsTab({ page }: { page: RunPage }) {
  const { kept, metric } = useKept(page);
  return (
    <div className="flow">
      <Table
        title="Checkpoints"
        columns={checkpointColumns(metric)}
        rows={kept}
        rowKey={({ path }) => path}
        empty={
          <p className="muted">
            No checkpoints yet. The latest and the best are saved after each evaluation.
          </p>
        }
      />
      <Table
        title="Attempts"
        columns={ATTEMPTS}
        rows={page.attempts}
        empty={<p className="muted">Not started yet.</p>}
      />
    </div>
  );
}

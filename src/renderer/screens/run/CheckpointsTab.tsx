import type { AttemptRecord, CheckpointInfo, RunPage } from '../../../core/api/runs.ts';
import { CopyButton } from '../../components/CopyButton.tsx';
import { type Column, column } from '../../components/columns.ts';
import { Table } from '../../components/Table.tsx';

const CHECKPOINTS: Column<CheckpointInfo>[] = [
  column('kind', 'Kind', 'text', ({ kind }) => kind),
  column('epoch', 'Epoch', 'count', ({ epoch }) => epoch),
  column('step', 'Step', 'count', ({ step }) => step),
  column('path', 'File', 'text', ({ path }) => path, {
    render: ({ path }) => (
      <span className="mono">
        {path} <CopyButton what="the path" text={path} />
      </span>
    ),
  }),
];

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
export function CheckpointsTab({ page: { checkpoints, attempts } }: { page: RunPage }) {
  return (
    <div className="run-page">
      <Table
        title="Checkpoints"
        columns={CHECKPOINTS}
        rows={checkpoints}
        rowKey={({ path }) => path}
        empty={
          <p className="muted">None yet. The newest state and the best one are kept after each evaluation.</p>
        }
      />
      <Table
        title="Attempts"
        columns={ATTEMPTS}
        rows={attempts}
        rowKey={({ number }) => String(number)}
        empty={<p className="muted">Not started yet.</p>}
      />
    </div>
  );
}

import type { AttemptRecord, CheckpointInfo, RunPage } from '../../../core/api/runs.ts';
import { CopyButton } from '../../components/CopyButton.tsx';
import { type Column, column, numeric } from '../../components/columns.ts';
import { TitledTable } from '../../components/TitledTable.tsx';
import { durationText, grouped, timeText } from '../../format/format.ts';

const CHECKPOINTS: Column<CheckpointInfo>[] = [
  column('kind', 'Kind', ({ kind }) => kind),
  numeric('epoch', 'Epoch', ({ epoch }) => grouped(epoch)),
  numeric('step', 'Step', ({ step }) => grouped(step)),
  column('path', 'File', ({ path }) => path, {
    render: ({ path }) => (
      <span className="mono">
        {path} <CopyButton what="the path" text={path} />
      </span>
    ),
  }),
];

const ATTEMPTS: Column<AttemptRecord>[] = [
  column('number', 'Attempt', ({ number }) => String(number)),
  numeric('from', 'From step', ({ fromStep }) => grouped(fromStep)),
  numeric('started', 'Started', ({ startedAt }) => timeText(startedAt)),
  numeric('time', 'Time', ({ startedAt, endedAt }) =>
    durationText(endedAt === null ? null : (endedAt - startedAt) / 1000),
  ),
  column('outcome', 'Ended', ({ outcome }) => outcome?.replaceAll('-', ' ') ?? 'runs'),
  numeric('pid', 'Process', ({ pid }) => String(pid)),
];

/** Checkpoints to resume from, and every attempt at training the run. */
export function CheckpointsTab({ page: { checkpoints, attempts } }: { page: RunPage }) {
  return (
    <div className="run-page">
      <TitledTable
        title="Checkpoints"
        columns={CHECKPOINTS}
        rows={checkpoints}
        rowKey={({ path }) => path}
        empty={
          <p className="muted">None yet. The newest state and the best one are kept after each evaluation.</p>
        }
      />
      <TitledTable
        title="Attempts"
        columns={ATTEMPTS}
        rows={attempts}
        rowKey={({ number }) => String(number)}
        empty={<p className="muted">It has not begun.</p>}
      />
    </div>
  );
}

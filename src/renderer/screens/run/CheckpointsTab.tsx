import type { AttemptRecord, CheckpointInfo, RunPage } from '../../../core/api/runs.ts';
import { Button } from '../../components/Button.tsx';
import { copyChoices, copyText } from '../../components/copy.ts';
import type { Column } from '../../components/data-table-types.ts';
import { Menu } from '../../components/Menu.tsx';
import { StaticTable } from '../../components/StaticTable.tsx';
import { durationText, grouped, timeText } from '../../format/format.ts';

const CHECKPOINTS: Column<CheckpointInfo>[] = [
  { id: 'kind', title: 'Kind', text: ({ kind }) => kind },
  { id: 'epoch', title: 'Epoch', numeric: true, text: ({ epoch }) => grouped(epoch) },
  { id: 'step', title: 'Step', numeric: true, text: ({ step }) => grouped(step) },
  {
    ...{ id: 'path', title: 'File', text: ({ path }: CheckpointInfo) => path },
    render: ({ path }) => (
      <span className="mono">
        {path}{' '}
        <Button kind="quiet" onClick={() => void copyText(path, 'Copied the path')}>
          Copy path
        </Button>
      </span>
    ),
  },
];

const ATTEMPTS: Column<AttemptRecord>[] = [
  { id: 'number', title: 'Attempt', text: ({ number }) => String(number) },
  { id: 'from', title: 'From step', numeric: true, text: ({ fromStep }) => grouped(fromStep) },
  { id: 'started', title: 'Started', numeric: true, text: ({ startedAt }) => timeText(startedAt) },
  {
    ...{ id: 'time', title: 'Time', numeric: true },
    text: ({ startedAt, endedAt }) => durationText(endedAt === null ? null : (endedAt - startedAt) / 1000),
  },
  { id: 'outcome', title: 'Ended', text: ({ outcome }) => outcome?.replaceAll('-', ' ') ?? 'runs' },
  { id: 'pid', title: 'Process', numeric: true, text: ({ pid }) => String(pid) },
];

/** What can be gone on from, and every try at training the run. */
export function CheckpointsTab({ page: { checkpoints, attempts } }: { page: RunPage }) {
  return (
    <div className="run-page">
      <div className="chart-head">
        <h2>Checkpoints</h2>
        <Menu
          trigger={<Button kind="quiet">Copy checkpoints</Button>}
          choices={copyChoices(CHECKPOINTS, () => checkpoints)}
        />
      </div>
      {checkpoints.length === 0 ? (
        <p className="muted">None yet. The newest state and the best one are kept after each evaluation.</p>
      ) : (
        <StaticTable
          label="Checkpoints"
          columns={CHECKPOINTS}
          rows={checkpoints}
          rowKey={({ path }) => path}
        />
      )}
      <div className="chart-head">
        <h2>Attempts</h2>
        <Menu
          trigger={<Button kind="quiet">Copy attempts</Button>}
          choices={copyChoices(ATTEMPTS, () => attempts)}
        />
      </div>
      {attempts.length === 0 ? (
        <p className="muted">It has not begun.</p>
      ) : (
        <StaticTable
          label="Attempts"
          columns={ATTEMPTS}
          rows={attempts}
          rowKey={({ number }) => String(number)}
        />
      )}
    </div>
  );
}

import type { RunRecord } from '../../../core/api/runs.ts';
import { Ago } from '../../components/Ago.tsx';
import { Button } from '../../components/Button.tsx';
import { archiveRuns } from '../../runs/changes.ts';
import { QueueButtons } from '../../runs/QueueButtons.tsx';
import { RunStatus } from '../../runs/RunStatus.tsx';
import { RunLine } from './RunLine.tsx';

/** Runs that ended before they completed, newest first: each can go on from its newest checkpoint. */
export function UnfinishedRuns({ runs }: { runs: readonly RunRecord[] }) {
  return (
    <div>
      {runs.map((run) => (
        <RunLine
          key={run.id}
          run={run}
          actions={
            <>
              <QueueButtons run={run} waiting={false} named />
              <Button
                kind="quiet"
                aria-label={`Archive ${run.name}`}
                onClick={() => void archiveRuns([run.id], true)}
              >
                Archive
              </Button>
            </>
          }
        >
          <RunStatus status={run.status} message={run.message} />
          <span className="muted clip">{run.message ?? <Ago time={run.endedAt} />}</span>
        </RunLine>
      ))}
    </div>
  );
}

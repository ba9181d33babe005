import type { ActiveRunState } from '../../../core/api/queue.ts';
import { Progress } from '../../components/Progress.tsx';
import { QueueButtons } from '../../runs/QueueButtons.tsx';
import { rateText, stageText, wholeFraction } from '../../runs/RunStatus.tsx';
import { useLive } from '../../state/events.ts';
import { RunLine } from './RunLine.tsx';

/** A run that trains, with its progress; one of another process can only be watched. */
export function RunningRun({ active: { run, state, progress, hostedHere } }: { active: ActiveRunState }) {
  const live = useLive((state) => state.progress[run.id]) ?? progress;
  return (
    <div className="queue-running">
      <RunLine
        run={run}
        actions={hostedHere ? <QueueButtons run={run} waiting={false} state={state} named /> : null}
      >
        {hostedHere ? (run.device ?? run.requestedDevice) : 'Trained by another process; stop it there'}
      </RunLine>
      {live && (
        <Progress label={stageText(state, live)} fraction={wholeFraction(live)} detail={rateText(live)} />
      )}
    </div>
  );
}

import { phaseOf, type RunRecord, type RunState, UNFINISHED } from '../../core/api/runs.ts';
import { Button, type ButtonProps } from '../components/Button.tsx';
import { client } from '../state/api.ts';
import { attempt } from '../state/toasts.ts';

const FAILURES = {
  pause: 'The run could not be paused',
  resume: 'The run could not be resumed',
  cancel: 'The run could not be cancelled',
  stopAfterEpoch: 'The run could not be ended after this epoch',
  requeue: 'The run could not be put back into the queue',
};

export interface QueueButtonsProps {
  run: RunRecord;
  /** It is in the queue. */
  waiting: boolean;
  held?: boolean;
  /** How far its training by this program is; null where another process trains it, which alone can stop it. */
  state?: RunState | null;
  /** It trains by epochs and may end after one. */
  epochs?: boolean;
  /** There are other runs on the page: screen readers say which one is meant. */
  named?: boolean;
}

/** What the queue can do with a run in the state it is in. */
export function QueueButtons({
  run,
  waiting,
  held = false,
  state,
  epochs = false,
  named = false,
}: QueueButtonsProps) {
  const button = (verb: string, what: keyof typeof FAILURES, kind?: ButtonProps['kind']) => (
    <Button
      kind={kind}
      aria-label={named ? `${verb} ${run.name}` : undefined}
      onClick={() => void attempt(FAILURES[what], () => client.queue[what]({ run: run.id }))}
    >
      {verb}
    </Button>
  );
  const trains = phaseOf(run.status) === 'hosted';
  if (trains && !state) return null;
  if (trains || waiting) {
    return (
      <>
        {held && !trains && button('Resume', 'resume')}
        {!held && state !== 'stopping' && button('Pause', 'pause')}
        {epochs && state === 'training' && button('Stop after epoch', 'stopAfterEpoch')}
        {button('Cancel', 'cancel', 'danger')}
      </>
    );
  }
  if (!UNFINISHED.includes(run.status) || run.dataset.id === null) return null;
  return button(run.status === 'failed' ? 'Retry' : 'Resume', 'requeue', named ? undefined : 'primary');
}

import type { RunRecord } from '../../core/api/runs.ts';
import { Button } from '../components/Button.tsx';
import { client } from '../state/api.ts';
import { attempt } from '../state/toasts.ts';

/** Ended before it completed: it can go on. */
export const UNFINISHED: readonly RunRecord['status'][] = [
  'interrupted',
  'crashed',
  'out-of-memory',
  'cancelled',
  'failed',
];

export function pauseRun(run: string): void {
  void attempt('The run could not be paused', () => client.queue.pause({ run }));
}

export function releaseRun(run: string): void {
  void attempt('The run could not be released', () => client.queue.resume({ run }));
}

export function cancelRun(run: string): void {
  void attempt('The run could not be cancelled', () => client.queue.cancel({ run }));
}

export function retryRun(run: string): void {
  void attempt('The run could not be put back into the queue', () => client.queue.retry({ run }));
}

export interface QueueButtonsProps {
  run: RunRecord;
  /** It is in the queue. */
  waiting: boolean;
  held?: boolean;
  /** There are other runs on the page: who cannot see it hears which one is meant. */
  named?: boolean;
}

/** What the queue can do with a run in the state it is in. */
export function QueueButtons({ run, waiting, held = false, named = false }: QueueButtonsProps) {
  const label = (verb: string) => (named ? `${verb} ${run.name}` : undefined);
  if (run.status === 'running') {
    return (
      <>
        <Button aria-label={label('Pause')} onClick={() => pauseRun(run.id)}>
          Pause
        </Button>
        <Button kind="danger" aria-label={label('Cancel')} onClick={() => cancelRun(run.id)}>
          Cancel
        </Button>
      </>
    );
  }
  if (waiting) {
    return (
      <>
        {held ? (
          <Button aria-label={label('Release')} onClick={() => releaseRun(run.id)}>
            Release
          </Button>
        ) : (
          <Button aria-label={label('Hold')} onClick={() => pauseRun(run.id)}>
            Hold
          </Button>
        )}
        <Button kind="danger" aria-label={label('Cancel')} onClick={() => cancelRun(run.id)}>
          Cancel
        </Button>
      </>
    );
  }
  if (!UNFINISHED.includes(run.status) || run.dataset.id === null) return null;
  const verb = run.status === 'failed' ? 'Retry' : 'Resume';
  return (
    <Button kind="primary" aria-label={label(verb)} onClick={() => retryRun(run.id)}>
      {verb}
    </Button>
  );
}

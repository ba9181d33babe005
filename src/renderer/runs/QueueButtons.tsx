import { Flag, Pause, Play, X } from 'lucide-react';
import type { WantedChange } from '../../core/api/changes.ts';
import { doubled, type JobOptions } from '../../core/api/hosts.ts';
import {
  nameAlone,
  type OwnRun,
  phaseOf,
  type RunRecord,
  type RunState,
  UNFINISHED,
} from '../../core/api/runs.ts';
import { Button } from '../components/Button.tsx';
import { confirmed } from '../components/Confirm.tsx';
import { client } from '../state/api.ts';
import { change } from '../state/deeds.ts';
import { useHosts } from '../state/hosts.ts';
import { attempt } from '../state/toasts.ts';
import { useNames } from './RunName.tsx';

type Asked = 'pause' | 'resume' | 'cancel' | 'stopAfterEpoch' | 'requeue';

const ICONS = { pause: Pause, resume: Play, cancel: X, stopAfterEpoch: Flag, requeue: Play };

export interface QueueButtonsProps {
  run: RunRecord;
  /** It is in the queue. */
  waiting: boolean;
  held?: boolean;
  /** How far its training is; null where it does not train. */
  state?: RunState | null;
  /** It trains by epochs and may end after one. */
  epochs?: boolean;
  /** Nothing was kept of it: it would start from the beginning. */
  fresh?: boolean;
  /** There are other runs on the page: screen readers say which one is meant. */
  named?: boolean;
}

type Named = Pick<RunRecord, 'id' | 'name'>;
type Turn = Extract<WantedChange, { of: 'turn' }>['to'];

function turn({ id, name }: Named, failure: string, label: string, to: Turn, title?: string) {
  return change(failure, { label: `${label} of ${name}`, title }, [{ of: 'turn', id, to }]);
}

export const pauseRun = (run: Named) => turn(run, 'Could not pause the run', 'pause', { held: true });

const resumeRun = (run: Named) => turn(run, 'Could not resume the run', 'resuming', { held: false });

/** A stop, a pause, or an end after the epoch, that its machine has not obeyed yet. */
export const takeBackStop = (run: Named) =>
  turn(run, 'Could not take the stop back', 'going on', { at: 0, held: false, finishing: false });

/** To the front of the queue, to resume from its newest checkpoint. */
const requeueRun = (run: Named, job?: JobOptions) =>
  turn(run, 'Could not queue the run again', 'resuming', { at: 0, held: false, ...(job && { job }) });

/** What was trained is in its checkpoint. */
export async function cancelRun(run: RunRecord): Promise<boolean> {
  const failure = 'Could not cancel the run';
  if (run.kind === 'own')
    return turn(run, failure, 'cancellation', { at: null }, `${nameAlone(run)} cancelled`);
  const body = (
    <p>
      {run.program} is asked to end it, or where it was asked before left alone: it cannot be started from
      here.
    </p>
  );
  if (!(await confirmed({ title: `Cancel ${nameAlone(run)}?`, body, action: 'Cancel the run' })))
    return false;
  return attempt(failure, () => client.queue.cancel({ run: run.id }));
}

async function stopAfterEpoch(run: RunRecord): Promise<boolean> {
  const failure = 'Could not stop the run after this epoch';
  const name = nameAlone(run);
  if (run.kind === 'own')
    return turn(
      run,
      failure,
      'stop after this epoch',
      { finishing: true },
      `${name} stops after this epoch, and its best one is tested`,
    );
  const body = <p>Its best epoch is tested then, and the run is complete: it cannot be resumed.</p>;
  if (
    !(await confirmed({
      title: `Stop ${name} after this epoch?`,
      body,
      action: 'Stop after epoch',
    }))
  )
    return false;
  return attempt(failure, () => client.queue.stopAfterEpoch({ run: run.id }));
}

const PERFORM: Record<Asked, (run: RunRecord) => Promise<boolean>> = {
  pause: pauseRun,
  resume: resumeRun,
  cancel: cancelRun,
  stopAfterEpoch,
  requeue: (run) => requeueRun(run),
};

/** What the queue can do with a run in the state it is in. */
export function QueueButtons({
  run,
  waiting,
  held = false,
  state,
  epochs = false,
  fresh = false,
  named = false,
}: QueueButtonsProps) {
  const nameOf = useNames();
  /** Among other runs, what is pressed rarely is its icon alone. */
  const button = (verb: string, what: Asked) => {
    const isIcon = named && (what === 'cancel' || what === 'stopAfterEpoch');
    return (
      <Button
        icon={named && !isIcon && waiting && !held ? undefined : ICONS[what]}
        kind={named && (isIcon || (waiting && !held)) ? 'quiet' : undefined}
        className={isIcon ? 'icon-button' : undefined}
        data-leaves={what !== 'stopAfterEpoch' || undefined}
        aria-label={named ? `${verb} ${nameOf(run)}` : undefined}
        title={isIcon ? verb : undefined}
        onClick={() => void PERFORM[what](run)}
      >
        {!isIcon && <span>{verb}</span>}
      </Button>
    );
  };
  const trains = phaseOf(run.status) === 'hosted';
  if (trains && !state) return null;
  if (trains || waiting) {
    return (
      <>
        {held && !trains && button('Resume', 'resume')}
        {!held && state !== 'stopping' && run.kind === 'own' && button('Pause', 'pause')}
        {epochs && state === 'training' && button('Stop after epoch', 'stopAfterEpoch')}
        {/* Another program that was asked to stop is left alone. */}
        {button(run.kind !== 'own' && state === 'stopping' ? 'Give up' : 'Cancel', 'cancel')}
      </>
    );
  }
  if (!UNFINISHED.includes(run.status) || run.kind !== 'own' || run.dataset.id === null) return null;
  return <AgainButton run={run} fresh={fresh} named={named} />;
}

/** Where a job was ended for its memory, it gets twice as much. */
function AgainButton({ run, fresh, named }: { run: OwnRun; fresh: boolean; named: boolean }) {
  const { data: hosts = [] } = useHosts();
  const nameOf = useNames();
  const { memory = hosts.find(({ name }) => name === run.place)?.job.memory } = run.job ?? {};
  const more = run.status === 'out-of-memory' && run.place !== null && memory ? doubled(memory) : null;
  const verb = `${fresh ? 'Start again' : 'Resume'}${more ? ` with ${more.words}` : ''}`;
  const job = more ? { ...run.job, memory: more.memory } : undefined;
  return (
    <Button
      icon={ICONS.requeue}
      kind={named ? undefined : 'primary'}
      data-leaves
      aria-label={named ? `${verb} ${nameOf(run)}` : undefined}
      onClick={() => void requeueRun(run, job)}
    >
      <span>{verb}</span>
    </Button>
  );
}

import { Flag, Pause, Play, X } from 'lucide-react';
import { doubled } from '../../core/api/hosts.ts';
import {
  nameAlone,
  type OwnRun,
  phaseOf,
  type RunRecord,
  type RunState,
  UNFINISHED,
} from '../../core/api/runs.ts';
import { Button } from '../components/Button.tsx';
import { api, client, queryClient } from '../state/api.ts';
import { useHosts } from '../state/hosts.ts';
import { attempt, offerUndo } from '../state/toasts.ts';
import { useNames } from './RunName.tsx';

const FAILURES = {
  pause: 'Could not pause the run',
  resume: 'Could not resume the run',
  cancel: 'Could not cancel the run',
  stopAfterEpoch: 'Could not stop the run after this epoch',
  requeue: 'Could not queue the run again',
};

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

export const pauseRun = ({ id }: RunRecord) => attempt(FAILURES.pause, () => client.queue.pause({ run: id }));

/** Offers to put it back to its place: what was trained is in its checkpoint. */
export function cancelRun(run: RunRecord): Promise<boolean> {
  const { id, kind } = run;
  const before = queryClient.getQueryData(api.queue.show.queryKey())?.waiting ?? [];
  const undo = async () => {
    await untilEnded(id);
    await client.queue.requeue({ run: id });
    const own = before.find((entry) => entry.run.id === id);
    if (own) await client.queue.reorder({ runs: before.map(({ run }) => run.id) });
    if (own?.held) await client.queue.pause({ run: id });
  };
  return attempt(FAILURES.cancel, async () => {
    await client.queue.cancel({ run: id });
    // Another program ends by itself, and cannot be started from here.
    if (kind === 'own') offerUndo(`${nameAlone(run)} cancelled`, FAILURES.requeue, undo);
  });
}

const POLL_MS = 300;

/** A trainer that was stopped first saves its checkpoint. */
async function untilEnded(id: string): Promise<void> {
  while (phaseOf((await client.runs.show({ run: id })).run.status) === 'hosted')
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
}

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
  const ask = (what: keyof typeof FAILURES) =>
    what === 'cancel' ? cancelRun(run) : attempt(FAILURES[what], () => client.queue[what]({ run: run.id }));
  /** Among other runs, what is pressed rarely is its icon alone. */
  const button = (verb: string, what: keyof typeof FAILURES) => {
    const isIcon = named && (what === 'cancel' || what === 'stopAfterEpoch');
    return (
      <Button
        icon={named && !isIcon && waiting && !held ? undefined : ICONS[what]}
        kind={named && (isIcon || (waiting && !held)) ? 'quiet' : undefined}
        className={isIcon ? 'icon-button' : undefined}
        data-leaves={what !== 'stopAfterEpoch' || undefined}
        aria-label={named ? `${verb} ${nameOf(run)}` : undefined}
        title={isIcon ? verb : undefined}
        onClick={() => void ask(what)}
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
  const job = more ? { memory: more.memory } : undefined;
  return (
    <Button
      icon={ICONS.requeue}
      kind={named ? undefined : 'primary'}
      data-leaves
      aria-label={named ? `${verb} ${nameOf(run)}` : undefined}
      onClick={() => void attempt(FAILURES.requeue, () => client.queue.requeue({ run: run.id, job }))}
    >
      <span>{verb}</span>
    </Button>
  );
}

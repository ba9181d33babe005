import { useQuery } from '@tanstack/react-query';
import type { QueueState } from '../../../core/api/queue.ts';
import type { Action } from '../../actions/action.ts';
import { useRegisteredActions } from '../../actions/registry.ts';
import { Button } from '../../components/Button.tsx';
import { EmptyState } from '../../components/EmptyState.tsx';
import { Answer } from '../../components/Problem.tsx';
import { Screen } from '../../components/Screen.tsx';
import { countText } from '../../format/format.ts';
import { NewRunButton } from '../../new-run/NewRunButton.tsx';
import { api, client } from '../../state/api.ts';
import { attempt } from '../../state/toasts.ts';
import { RunningRun } from './RunningRun.tsx';
import { UnfinishedRuns } from './UnfinishedRuns.tsx';
import { WaitingRuns } from './WaitingRuns.tsx';
import './queue.css';

/** What trains, what waits for a device, and what could go on. */
export default function QueueScreen() {
  const queue = useQuery(api.queue.show.queryOptions());
  const { data: state } = queue;
  return (
    <Screen
      title="Queue"
      aside={state && <Counts state={state} />}
      actions={state && <QueueActions state={state} />}
    >
      <Answer query={queue}>{(answer) => <QueueLists state={answer} />}</Answer>
    </Screen>
  );
}

function QueueLists({ state }: { state: QueueState }) {
  const { running, waiting, resumable, paused, heldBy } = state;
  if (running.length + waiting.length + resumable.length === 0) {
    return (
      <EmptyState
        title="The queue is empty"
        text="New runs join the queue and start as devices become free. It is kept when the program ends."
      >
        <NewRunButton />
      </EmptyState>
    );
  }
  return (
    <div className="queue">
      {paused && (
        <p className="banner" role="status">
          The queue is paused: running runs continue, and nothing new starts.
        </p>
      )}
      {heldBy !== null && (
        <p className="banner" role="status">
          Another Tessera (process {heldBy}) runs this queue. Changes made here apply there too.
        </p>
      )}
      <section aria-label="Running">
        <h2>Running</h2>
        {running.length === 0 ? (
          <p className="muted">{idleText(state)}</p>
        ) : (
          running.map((active) => <RunningRun key={active.run.id} active={active} />)
        )}
      </section>
      <section aria-label="Waiting">
        <h2>Waiting</h2>
        {waiting.length === 0 ? (
          <p className="muted">No runs are waiting.</p>
        ) : (
          <WaitingRuns waiting={waiting} />
        )}
      </section>
      {resumable.length > 0 && (
        <section aria-label="Unfinished">
          <h2>Unfinished</h2>
          <UnfinishedRuns runs={resumable} />
        </section>
      )}
    </div>
  );
}

function idleText({ paused, waiting }: QueueState): string {
  if (paused) return 'Nothing is running. Resume the queue to start the waiting runs.';
  const held = waiting.length > 0 && waiting.every((entry) => entry.held);
  return held ? 'Nothing is running: every waiting run is paused.' : 'Nothing is running.';
}

function Counts({ state: { running, waiting, slots } }: { state: QueueState }) {
  const places = Object.entries(slots).map(([device, count]) => `${device} ${count}`);
  return (
    <span className="muted">
      {running.length} running, {waiting.length} waiting
      {places.length > 0 && `; slots: ${places.join(', ')}`}
    </span>
  );
}

function setPaused(paused: boolean): void {
  void attempt(paused ? 'The queue could not be paused' : 'The queue could not be resumed', () =>
    paused ? client.queue.pause({}) : client.queue.resume({}),
  );
}

function QueueActions({ state: { paused, resumable } }: { state: QueueState }) {
  const interrupted = resumable.filter(({ status }) => status === 'interrupted');
  const toggle: Action = {
    id: 'queue.pause',
    label: paused ? 'Resume the queue' : 'Pause the queue',
    group: 'Run',
    shortcut: 'p',
    perform: () => setPaused(!paused),
  };
  useRegisteredActions([toggle]);
  const resumeAll = () =>
    void attempt('Not every run could be put back', async () => {
      // The newest is put to the front last, so that the oldest begins first.
      for (const { id } of interrupted) await client.queue.requeue({ run: id });
    });
  return (
    <>
      {interrupted.length > 1 && (
        <Button onClick={resumeAll}>Resume {countText(interrupted.length, 'interrupted run')}</Button>
      )}
      <Button onClick={toggle.perform}>{paused ? 'Resume queue' : 'Pause queue'}</Button>
      <NewRunButton />
    </>
  );
}

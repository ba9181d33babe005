import { useQuery } from '@tanstack/react-query';
import { type MouseEvent, useState } from 'react';
import { DEVICES } from '../../../core/api/models.ts';
import type { QueueState } from '../../../core/api/queue.ts';
import type { Action } from '../../actions/action.ts';
import { useRegisteredActions } from '../../actions/registry.ts';
import { Button } from '../../components/Button.tsx';
import { Answer, EmptyState, Screen } from '../../components/Screen.tsx';
import { capital, countText, untilText } from '../../format/format.ts';
import { NewRunButton } from '../../new-run/NewRunButton.tsx';
import { hostOf, isAway } from '../../runs/away.ts';
import type { QueueTime } from '../../runs/queue-time.ts';
import { useQueueTime } from '../../runs/use-queue-time.ts';
import { api, client } from '../../state/api.ts';
import { routeLink } from '../../state/navigation.ts';
import { useNow } from '../../state/now.ts';
import { attempt } from '../../state/toasts.ts';
import { QueueGroups } from './QueueGroups.tsx';
import './queue.css';

/** What trains, what waits for a device, and what could go on. */
export default function QueueScreen() {
  const queue = useQuery(api.queue.show.queryOptions());
  const { data: state } = queue;
  return (
    <Screen title="Queue" actions={state && <QueueActions state={state} />}>
      <Answer query={queue}>{(answer) => <QueueLists state={answer} />}</Answer>
    </Screen>
  );
}

function QueueLists({ state }: { state: QueueState }) {
  const { shown, settling, settle } = useSettled(state);
  const { running, waiting, resumable, paused, heldBy } = shown;
  const { seconds, time } = useQueueTime(shown);
  if (running.length + waiting.length + resumable.length === 0) {
    return (
      <EmptyState
        title="The queue is empty"
        text="New runs join the queue and start as devices become free. The queue is saved when you quit."
      >
        <NewRunButton />
      </EmptyState>
    );
  }
  return (
    <div className="queue" data-settling={settling || undefined} onClickCapture={settle}>
      {paused && (
        <p className="banner row line-below surface" role="status">
          The queue is paused: running runs continue, and nothing new starts.
        </p>
      )}
      {heldBy !== null && (
        <p className="banner row line-below surface" role="status">
          Another Tessera process ({heldBy}) manages this queue. Changes made here apply there too.
        </p>
      )}
      <Statement state={shown} time={time} />
      <div className="queue-head muted" aria-hidden="true">
        <span />
        <span>Run</span>
        <span>Progress</span>
        <span>Where</span>
        <span className="text-end">Left</span>
        <span className="text-end">Ends</span>
        <span />
      </div>
      <QueueGroups state={shown} time={time} seconds={seconds} />
      <p className="queue-foot">
        {slotsText(shown)} <a href={routeLink('settings', ['slots'])}>Change</a>
      </p>
    </div>
  );
}

/** Rows stay this long after a press: a second click must not reach the run that moved under the pointer. */
const SETTLE_MS = 1000;

/** The state that is shown: for a second after a button was pressed, the one before. */
function useSettled(state: QueueState) {
  const [kept, setKept] = useState<QueueState | null>(null);
  const settle = (event: MouseEvent<HTMLElement>) => {
    const isButton = event.target instanceof Element && event.target.closest('.queue-actions [data-leaves]');
    if (!isButton) return;
    setKept(state);
    setTimeout(() => setKept(null), SETTLE_MS);
  };
  return { shown: kept ?? state, settling: kept !== null, settle };
}

function Statement({
  state: { running, waiting },
  time,
}: {
  state: QueueState;
  time: QueueTime | undefined;
}) {
  const now = useNow(15_000);
  const away = running.filter(({ place }) => isAway(place) && place.phase !== 'unreachable').length;
  const silent = running.filter(({ place }) => place?.phase === 'unreachable').length;
  const hosts = new Set([...running, ...waiting].flatMap(({ run }) => hostOf(run) ?? []));
  const end = time && time.seconds !== null ? untilText(now + 1000 * time.seconds, now) : null;
  const whose = hosts.size > 0 ? 'This machine is done' : 'Done';
  const done = end === null ? '' : `${whose} about ${end}`;
  const open =
    time && time.uncounted > 0 ? `${countText(time.uncounted, 'run')} without an estimate not counted` : '';
  const others = hosts.size > 0 ? `what trains on ${[...hosts].join(', ')} is not counted` : '';
  const limits = [done, open, others].filter(Boolean).join(', ');
  const counts = [`${running.length - away - silent} running`, `${waiting.length + away} waiting`];
  if (silent > 0) counts.push(`${silent} without contact`);
  return (
    <p className="queue-statement">
      <strong>{counts.join(', ')}.</strong>{' '}
      {limits !== '' && <span className="muted">{capital(limits)}.</span>}
    </p>
  );
}

/** "One run at a time on this machine." */
function slotsText({ slots }: QueueState): string {
  // A host has what it has.
  const own = Object.entries(slots).filter(([device]) => DEVICES.some((one) => one === device));
  const places = own.map(([device, count]) => `${count} on ${device}`);
  return places.length > 0 ? `Runs at a time: ${places.join(', ')}.` : 'One run at a time on each device.';
}

function setPaused(paused: boolean): void {
  void attempt(paused ? 'Could not pause the queue' : 'Could not resume the queue', () =>
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
    void attempt('Some runs could not be queued again', async () => {
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

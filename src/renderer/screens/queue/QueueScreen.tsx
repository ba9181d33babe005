import { useQuery } from '@tanstack/react-query';
import { type MouseEvent, useMemo, useState } from 'react';
import { type Clock, countsText, queueCounts, queueText } from '../../../core/api/clock.ts';
import { pausedText, queueAt } from '../../../core/api/machines.ts';
import { DEVICES } from '../../../core/api/models.ts';
import type { QueueState } from '../../../core/api/queue.ts';
import type { Action } from '../../actions/action.ts';
import { useRegisteredActions } from '../../actions/registry.ts';
import { Button } from '../../components/Button.tsx';
import { Answer, EmptyState, Screen } from '../../components/Screen.tsx';
import { Select } from '../../components/Select.tsx';
import { ScreenFoot } from '../../components/Statement.tsx';
import { countText } from '../../format/format.ts';
import { NewRunButton } from '../../new-run/NewRunButton.tsx';
import { RunsShown } from '../../runs/RunName.tsx';
import { runsOf } from '../../runs/run-words.ts';
import { useClock } from '../../runs/use-clock.ts';
import { api } from '../../state/api.ts';
import { change } from '../../state/deeds.ts';
import { useHosts } from '../../state/hosts.ts';
import { goesOn, useWork } from '../../state/long-work.ts';
import { routeLink, useKept } from '../../state/navigation.ts';
import { useNow } from '../../state/now.ts';
import { QueueGroups } from './QueueGroups.tsx';
import './queue.css';

/** What trains, what waits for a device, and what could go on. */
export default function QueueScreen() {
  const queue = useQuery(api.queue.show.queryOptions());
  const { data: state } = queue;
  const [where, keepWhere] = useKept('where');
  const actions = state && (
    <>
      <WhereChoice where={where} onWhere={keepWhere} />
      <QueueActions state={state} />
    </>
  );
  return (
    <Screen title="Queue" actions={actions}>
      <Answer query={queue}>{(answer) => <QueueLists state={answer} where={where} />}</Answer>
    </Screen>
  );
}

/** No host is called so. */
const ALL = '*';

/** All runs, or those of one machine; nothing where there is only this one. */
function WhereChoice({ where, onWhere }: { where: string | null; onWhere(where: string | null): void }) {
  const { data: hosts = [] } = useHosts();
  // A host that has been removed may be in the address.
  const names = new Set([...hosts.map(({ name }) => name), ...(where ? [where] : [])]);
  if (names.size === 0) return null;
  return (
    <span className="row gap-2 muted">
      Where
      <Select
        aria-label="Where"
        value={where ?? ALL}
        choices={[
          { value: ALL, label: 'All places' },
          { value: '', label: 'This machine' },
          ...[...names].map((name) => ({ value: name, label: name })),
        ]}
        onValue={(value) => onWhere(value === ALL ? null : value)}
      />
    </span>
  );
}

function QueueLists({ state, where }: { state: QueueState; where: string | null }) {
  const { shown, settling, settle } = useSettled(state);
  const { running, waiting, resumable, heldBy } = shown;
  const found = useClock(shown);
  const all = useMemo(() => runsOf(shown), [shown]);
  const evaluations = useWork().filter((one) => one.of === 'evaluation' && goesOn(one)).length;
  if (running.length + waiting.length + resumable.length + evaluations === 0) {
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
    <div className="column tall">
      <div className="queue fill scrolls holds" data-settling={settling || undefined} onClickCapture={settle}>
        {heldBy !== null && (
          <p className="banner row line-below surface" role="status">
            Another Tessera process ({heldBy}) manages this queue. Changes made here apply there too.
          </p>
        )}
        <Statement
          state={queueAt(shown, where)}
          where={where}
          clock={where === null ? found?.clock : undefined}
          evaluations={evaluations}
        />
        <div className="queue-head grid middle nowrap muted" aria-hidden="true">
          <span />
          <span>Run</span>
          <span>Progress</span>
          <span>Where</span>
          <span className="text-end">Left</span>
          <span className="text-end">Ends</span>
          <span />
        </div>
        <RunsShown value={all}>
          <QueueGroups state={queueAt(shown, where)} order={waiting} {...found} />
        </RunsShown>
      </div>
      <ScreenFoot>
        <span>
          {slotsText(shown)} <a href={routeLink('settings', ['slots'])}>Change</a>
        </span>
        <span>A tile is an epoch, or two and more where there are over 60. Hollow: still to come.</span>
      </ScreenFoot>
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

interface StatementProps {
  state: QueueState;
  where: string | null;
  /** Of all places, where all are shown. */
  clock: Clock | undefined;
  evaluations: number;
}

function Statement({ state, where, clock, evaluations }: StatementProps) {
  const shown = state.pausedMachines.filter((name) => where === null || name === where);
  const paused = shown.flatMap((name) => pausedText(state, name || null) ?? []);
  const now = useNow(15_000);
  return (
    <p className="verdict inset queue-statement">
      <strong>{countsText(queueCounts(state))}.</strong>{' '}
      {evaluations > 0 && (
        <span className="muted">{countText(evaluations, 'evaluation')} between the trainings. </span>
      )}
      {clock && <span className="muted">{queueText(clock, now)}</span>}
      {paused.length > 0 && <span className="muted"> {paused.join('. ')}.</span>}
    </p>
  );
}

/** "Runs at once: 2 on cuda." */
function slotsText({ slots }: QueueState): string {
  // A host has what it has.
  const own = Object.entries(slots).filter(([device]) => DEVICES.some((one) => one === device));
  const places = own.map(([device, count]) => `${count} on ${device}`);
  return `Runs at once: ${places.length > 0 ? places.join(', ') : '1'}.`;
}

function setPaused(paused: boolean): void {
  const failure = paused ? 'Could not pause the queue' : 'Could not resume the queue';
  void change(failure, { label: `${paused ? 'pause' : 'resuming'} of the queue` }, [
    { of: 'paused', to: paused },
  ]);
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
    // The newest is put to the front last, so that the oldest begins first.
    void change(
      'The runs could not be queued again',
      { label: `resuming of ${countText(interrupted.length, 'run')}` },
      interrupted.map(({ id }) => ({ of: 'turn', id, to: { at: 0, held: false } })),
    );
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

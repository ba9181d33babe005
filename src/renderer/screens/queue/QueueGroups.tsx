import { type DragEvent, type ReactNode, useState } from 'react';
import type { ActiveRunState, PlaceState, QueueState, WaitingRun } from '../../../core/api/queue.ts';
import type { OwnRun } from '../../../core/api/runs.ts';
import { Button } from '../../components/Button.tsx';
import { Menu } from '../../components/Menu.tsx';
import { MoveButtons } from '../../components/MoveButtons.tsx';
import { agoText, grouped, untilText } from '../../format/format.ts';
import { openNewRun } from '../../new-run/new-run.ts';
import { CheckNow, trainHere } from '../../runs/AwayButtons.tsx';
import { isAway } from '../../runs/away.ts';
import { archiveRuns } from '../../runs/changes.ts';
import { deleteRuns } from '../../runs/deletion.tsx';
import { cancelRun, pauseRun, QueueButtons } from '../../runs/QueueButtons.tsx';
import { endText, type QueueTime } from '../../runs/queue-time.ts';
import { epochsOf, sameAgain } from '../../runs/run-words.ts';
import { api, client, queryClient } from '../../state/api.ts';
import { useLive } from '../../state/events.ts';
import { useNow } from '../../state/now.ts';
import { attempt } from '../../state/toasts.ts';
import { RunningProgress, StoppedProgress, WaitingProgress } from './QueueProgress.tsx';
import { QueueRow } from './QueueRow.tsx';

const DRAGGED = 'application/x-tessera-run';
const ENDS_MS = 15_000;
/** Of those that stopped, the newest; older ones are rarely taken up again. */
const STOPPED = 20;

interface GroupsProps {
  /** What of the queue is shown. */
  state: QueueState;
  /** All that wait, in the order in which they start. */
  order: readonly WaitingRun[];
  time: QueueTime | undefined;
  /** Seconds of whole runs by id. */
  seconds: Record<string, number | null> | undefined;
}

/** What trains, what waits and what stopped, in one grid. */
export function QueueGroups({ state, order, time, seconds }: GroupsProps) {
  const { waiting, resumable, reached } = state;
  const isSilent = ({ place }: ActiveRunState) => place?.phase === 'unreachable';
  const [silent, heard] = [state.running.filter(isSilent), state.running.filter((one) => !isSilent(one))];
  const [away, running] = [
    heard.filter(({ place }) => isAway(place)),
    heard.filter(({ place }) => !isAway(place)),
  ];
  const live = useLive((all) => all.progress);
  const now = useNow(ENDS_MS);
  const [all, setAll] = useState(false);
  const endOf = (id: string) => endText(time?.ends[id], now);
  return (
    <>
      <Group title="Running" count={running.length}>
        {running.map((active) => (
          <ActiveRow
            key={active.run.id}
            active={active}
            left={(live[active.run.id] ?? active.progress)?.secondsLeft ?? null}
            ends={endOf(active.run.id)}
          />
        ))}
        {running.length === 0 && <li className="queue-none">{idleText(state)}</li>}
      </Group>
      <WaitingGroup {...{ waiting, order, reached, seconds, endOf, away }} />
      {resumable.length + silent.length > 0 && (
        <Group title="Stopped" count={resumable.length + silent.length}>
          {silent.map((active) => (
            <ActiveRow key={active.run.id} active={active} left={null} ends="–" />
          ))}
          {resumable.slice(0, all ? undefined : STOPPED).map((run) => (
            <QueueRow
              key={run.id}
              run={run}
              progress={<StoppedProgress run={run} reached={reached[run.id]} />}
              left={null}
              ends={agoText(run.endedAt, now)}
              actions={<StoppedActions run={run} fresh={!(run.id in reached)} />}
            />
          ))}
          {!all && resumable.length > STOPPED && (
            <li className="queue-none">
              <Button onClick={() => setAll(true)}>Show {grouped(resumable.length - STOPPED)} more</Button>
            </li>
          )}
        </Group>
      )}
    </>
  );
}

function Group({ title, count, children }: { title: string; count: number; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <h2>
        {title} <span className="muted">{count}</span>
      </h2>
      <ol>{children}</ol>
    </section>
  );
}

function idleText({ paused, waiting }: QueueState): string {
  if (paused) return 'Nothing is running. Resume the queue to start the waiting runs.';
  const held = waiting.length > 0 && waiting.every((entry) => entry.held);
  return held ? 'Nothing is running: every waiting run is paused.' : 'Nothing is running.';
}

function StoppedActions({ run, fresh }: { run: OwnRun; fresh: boolean }) {
  return (
    <>
      <QueueButtons run={run} waiting={false} fresh={fresh} named />
      <Menu
        trigger={<Button aria-label={`More for ${run.name}`}>More</Button>}
        choices={[
          {
            label: 'New run with this config',
            perform: () => openNewRun(sameAgain(run)),
          },
          { label: 'Archive', perform: () => void archiveRuns([run.id], true) },
          { label: 'Delete', perform: () => void deleteRuns([run.id]) },
        ]}
      />
    </>
  );
}

/** A run that a trainer has, or another machine. */
function ActiveRow({ active, left, ends }: { active: ActiveRunState; left: number | null; ends: string }) {
  const { run, state, hostedHere, place } = active;
  return (
    <QueueRow
      run={run}
      at={place}
      progress={<RunningProgress active={active} />}
      left={left}
      ends={ends}
      actions={
        run.kind === 'own' && place?.phase === 'unreachable' ? (
          <SilentActions run={run} place={place} hostedHere={hostedHere} />
        ) : (
          <QueueButtons run={run} waiting={false} state={state} epochs={epochsOf(run) !== null} named />
        )
      }
    />
  );
}

/** Of a run of which nothing is heard. Its machine is asked by the process that hosts it. */
function SilentActions({ run, place, hostedHere }: { run: OwnRun; place: PlaceState; hostedHere: boolean }) {
  return (
    <>
      {hostedHere && <CheckNow {...run} named />}
      <Menu
        trigger={<Button aria-label={`More for ${run.name}`}>More</Button>}
        choices={[
          { label: 'Train here instead', perform: () => void trainHere(run, place) },
          { label: 'Pause', perform: () => void pauseRun(run) },
          { label: 'Cancel', perform: () => void cancelRun(run) },
        ]}
      />
    </>
  );
}

/** Where its scheduler guesses a start; it knows no more. */
function guessedEnd(place: PlaceState | null, seconds: number | null, now: number): string {
  const startsAt = place?.startsAt ?? 0;
  return startsAt < now || seconds === null ? '–' : `guess: ${untilText(startsAt + 1000 * seconds, now)}`;
}

interface WaitingGroupProps extends Pick<GroupsProps, 'order' | 'seconds'> {
  /** Those that wait on other machines. */
  away: readonly ActiveRunState[];
  waiting: readonly WaitingRun[];
  reached: QueueState['reached'];
  endOf(run: string): string;
}

/** In the order in which they start: dragged, or moved with Alt and an arrow key. */
function WaitingGroup({ waiting, order, reached, seconds, endOf, away }: WaitingGroupProps) {
  const now = useNow(ENDS_MS);
  const [over, setOver] = useState<string | null>(null);
  const move = (run: string, to: number) => {
    const others = order.filter((entry) => entry.run.id !== run);
    const moved = order.find((entry) => entry.run.id === run);
    if (moved) void reorder(others.toSpliced(order.indexOf(waiting[to]), 0, moved));
  };
  const dragOf = (id: string, at: number) => ({
    'data-over': over === id || undefined,
    onDragStart: (event: DragEvent) => {
      event.dataTransfer.setData(DRAGGED, id);
      event.dataTransfer.effectAllowed = 'move';
    },
    onDragOver: (event: DragEvent) => {
      if (!event.dataTransfer.types.includes(DRAGGED)) return;
      event.preventDefault();
      setOver(id);
    },
    onDragLeave: () => setOver(null),
    onDrop: (event: DragEvent) => {
      setOver(null);
      const run = event.dataTransfer.getData(DRAGGED);
      if (run !== '') move(run, at);
    },
  });
  return (
    <Group title="Waiting" count={waiting.length + away.length}>
      {away.map((active) => {
        const left = seconds?.[active.run.id] ?? null;
        const ends = guessedEnd(active.place, left, now);
        return <ActiveRow key={active.run.id} active={active} left={left} ends={ends} />;
      })}
      {waiting.map((entry, at) => {
        const { run, held } = entry;
        return (
          <QueueRow
            key={run.id}
            run={run}
            place={order.indexOf(entry) + 1}
            progress={<WaitingProgress waiting={entry} reached={reached[run.id]} />}
            left={seconds?.[run.id] ?? null}
            ends={held ? '–' : endOf(run.id)}
            drag={dragOf(run.id, at)}
            actions={
              <>
                <MoveButtons
                  name={run.name}
                  at={at}
                  last={waiting.length - 1}
                  onMove={(to) => move(run.id, to)}
                />
                <QueueButtons run={run} waiting held={held} named />
              </>
            }
          />
        );
      })}
      {waiting.length + away.length === 0 && <li className="queue-none">No runs are waiting.</li>}
    </Group>
  );
}

/** Shows the new order at once; main has the last word. */
async function reorder(order: readonly WaitingRun[]): Promise<void> {
  const key = api.queue.show.queryKey();
  queryClient.setQueryData<QueueState>(key, (state) => state && { ...state, waiting: [...order] });
  const done = await attempt('Could not change the order', () =>
    client.queue.reorder({ runs: order.map(({ run }) => run.id) }),
  );
  if (!done) void queryClient.invalidateQueries({ queryKey: key });
}

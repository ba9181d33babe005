import { type DragEvent, type ReactNode, useState } from 'react';
import type { Clock, ExpectedTime, RunTime } from '../../../core/api/clock.ts';
import type { ActiveRunState, PlaceState, QueueState, WaitingRun } from '../../../core/api/queue.ts';
import type { OwnRun } from '../../../core/api/runs.ts';
import { Button } from '../../components/Button.tsx';
import { Menu } from '../../components/Menu.tsx';
import { MoveButtons } from '../../components/MoveButtons.tsx';
import { grouped, untilText } from '../../format/format.ts';
import { openNewRun } from '../../new-run/new-run.ts';
import { CheckNow, trainHere } from '../../runs/AwayButtons.tsx';
import { isAway } from '../../runs/away.ts';
import { archiveRuns } from '../../runs/changes.ts';
import { deleteRuns } from '../../runs/deletion.tsx';
import { cancelRun, pauseRun, QueueButtons } from '../../runs/QueueButtons.tsx';
import { epochsOf, sameAgain } from '../../runs/run-words.ts';
import { useRunTime } from '../../runs/use-clock.ts';
import { api, client, queryClient } from '../../state/api.ts';
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
  clock?: Clock;
  expected?: Record<string, ExpectedTime | null>;
}

/** What trains, what waits and what stopped, in one grid. */
export function QueueGroups({ state, order, clock, expected = {} }: GroupsProps) {
  const { resumable, reached } = state;
  const [held, waiting] = [state.waiting.filter(isHeld), state.waiting.filter((entry) => !isHeld(entry))];
  const isSilent = ({ place }: ActiveRunState) => place?.phase === 'unreachable';
  const [silent, heard] = [state.running.filter(isSilent), state.running.filter((one) => !isSilent(one))];
  const [away, running] = [
    heard.filter(({ place }) => isAway(place)),
    heard.filter(({ place }) => !isAway(place)),
  ];
  const now = useNow(ENDS_MS);
  const [all, setAll] = useState(false);
  const timeOf = (id: string) => clock?.runs[id];
  return (
    <>
      <Group title="Running" count={running.length}>
        {running.map((active) => (
          <ActiveRow key={active.run.id} active={active} expected={expected[active.run.id]} />
        ))}
        {running.length === 0 && <li className="queue-none">{idleText(state)}</li>}
      </Group>
      <WaitingGroup {...{ waiting, order, reached, timeOf, away, expected }} />
      {held.length > 0 && (
        <Group title="Paused" count={held.length}>
          {held.map(({ run }) => (
            <QueueRow
              key={run.id}
              run={run}
              progress={<WaitingProgress run={run} held reached={reached[run.id]} />}
              time={timeOf(run.id)}
              actions={<QueueButtons run={run} waiting held named />}
            />
          ))}
        </Group>
      )}
      {resumable.length + silent.length > 0 && (
        <Group title="Stopped" count={resumable.length + silent.length}>
          {silent.map((active) => (
            <ActiveRow key={active.run.id} active={active} expected={expected[active.run.id]} />
          ))}
          {resumable.slice(0, all ? undefined : STOPPED).map((run) => (
            <QueueRow
              key={run.id}
              run={run}
              progress={<StoppedProgress run={run} reached={reached[run.id]} />}
              ends={run.endedAt === null ? '–' : untilText(run.endedAt, now)}
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

const isHeld = ({ held }: WaitingRun) => held;

const idleText = ({ paused }: QueueState) =>
  paused ? 'Nothing is running. Resume the queue to start the waiting runs.' : 'Nothing is running.';

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
function ActiveRow({
  active,
  expected,
}: {
  active: ActiveRunState;
  expected: ExpectedTime | null | undefined;
}) {
  const { run, state, hostedHere, place } = active;
  const time = useRunTime(active, expected);
  const now = useNow(ENDS_MS);
  return (
    <QueueRow
      run={run}
      at={place}
      progress={<RunningProgress active={active} />}
      time={time}
      ends={isAway(place) ? guessedEnd(place, time, now) : undefined}
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
function guessedEnd({ startsAt }: PlaceState, { left }: RunTime, now: number): string {
  if (startsAt === null || startsAt < now || left === null) return '–';
  return `guess: ${untilText(startsAt + 1000 * left.high, now)}`;
}

interface WaitingGroupProps extends Pick<GroupsProps, 'order' | 'expected'> {
  /** Those that wait on other machines. */
  away: readonly ActiveRunState[];
  waiting: readonly WaitingRun[];
  reached: QueueState['reached'];
  timeOf(run: string): RunTime | undefined;
}

/** In the order in which they start: dragged, or moved with Alt and an arrow key. */
function WaitingGroup({ waiting, order, reached, timeOf, away, expected = {} }: WaitingGroupProps) {
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
      {away.map((active) => (
        <ActiveRow key={active.run.id} active={active} expected={expected[active.run.id]} />
      ))}
      {waiting.map((entry, at) => {
        const { run } = entry;
        return (
          <QueueRow
            key={run.id}
            run={run}
            place={order.indexOf(entry) + 1}
            progress={<WaitingProgress run={run} reached={reached[run.id]} />}
            time={timeOf(run.id)}
            drag={dragOf(run.id, at)}
            actions={
              <>
                <MoveButtons
                  name={run.name}
                  at={at}
                  last={waiting.length - 1}
                  onMove={(to) => move(run.id, to)}
                />
                <QueueButtons run={run} waiting named />
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

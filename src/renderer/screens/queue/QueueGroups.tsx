import { type ReactNode, useState } from 'react';
import type { Clock, ExpectedTime, RunTime } from '../../../core/api/clock.ts';
import { isAway } from '../../../core/api/machines.ts';
import type { ActiveRunState, PlaceState, QueueState, WaitingRun } from '../../../core/api/queue.ts';
import type { OwnRun } from '../../../core/api/runs.ts';
import { WorkRow } from '../../app/WorkTray.tsx';
import { Button } from '../../components/Button.tsx';
import { MoreMenu } from '../../components/Menu.tsx';
import { grouped, untilText } from '../../format/format.ts';
import { openNewRun } from '../../new-run/new-run.ts';
import { CheckNow, trainHere } from '../../runs/AwayButtons.tsx';
import { archiveRuns } from '../../runs/changes.ts';
import { deleteRuns } from '../../runs/deletion.tsx';
import { cancelRun, pauseRun, QueueButtons } from '../../runs/QueueButtons.tsx';
import { RunningProgress, StoppedProgress, WaitingProgress } from '../../runs/QueueProgress.tsx';
import { useNames } from '../../runs/RunName.tsx';
import { epochsOf, sameAgain } from '../../runs/run-words.ts';
import { useRunTime } from '../../runs/use-clock.ts';
import { goesOn, useWork } from '../../state/long-work.ts';
import { useNow } from '../../state/now.ts';
import { QueueRow } from './QueueRow.tsx';
import { LOW_ROW, RowsInSight } from './RowsInSight.tsx';
import { WaitingRows } from './WaitingRows.tsx';

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

/** What trains, what waits, what is paused and what stopped, in one grid. */
export function QueueGroups({ state, order, clock, expected = {} }: GroupsProps) {
  const { resumable, reached } = state;
  const [held, waiting] = [state.waiting.filter(isHeld), state.waiting.filter((entry) => !isHeld(entry))];
  const silent = state.running.filter(({ place }) => place?.phase === 'unreachable');
  const heard = state.running.filter((active) => !silent.includes(active));
  const [away, running] = [heard.filter(isElsewhere), heard.filter((active) => !isElsewhere(active))];
  const now = useNow(ENDS_MS);
  const [all, setAll] = useState(false);
  const active = (one: ActiveRunState) => (
    <ActiveRow key={one.run.id} active={one} expected={expected[one.run.id]} now={now} />
  );
  return (
    <>
      <Group title="Running" count={running.length}>
        <ol>
          {running.map(active)}
          {running.length === 0 && <li className="bar-inset muted">{idleText(state)}</li>}
        </ol>
      </Group>
      <Evaluations />
      <Group title="Waiting" count={waiting.length + away.length}>
        {away.length > 0 && <ol>{away.map(active)}</ol>}
        <WaitingRows {...{ queue: state, waiting, order, clock, expected, now }} />
        {waiting.length + away.length === 0 && <p className="bar-inset muted">No runs are waiting.</p>}
      </Group>
      {held.length > 0 && (
        <Group title="Paused" count={held.length}>
          <RowsInSight count={held.length} height={LOW_ROW} keyOf={(at) => held[at].run.id}>
            {(at) => (
              <QueueRow
                key={held[at].run.id}
                run={held[at].run}
                progress={<WaitingProgress run={held[at].run} held reached={reached[held[at].run.id]} />}
                time={clock?.runs[held[at].run.id]}
                now={now}
                actions={<QueueButtons run={held[at].run} waiting held named />}
                low
              />
            )}
          </RowsInSight>
        </Group>
      )}
      {resumable.length + silent.length > 0 && (
        <Group title="Stopped" count={resumable.length + silent.length}>
          <ol>
            {silent.map(active)}
            {resumable.slice(0, all ? undefined : STOPPED).map((run) => (
              <QueueRow
                key={run.id}
                run={run}
                progress={<StoppedProgress run={run} reached={reached[run.id]} />}
                ends={run.endedAt === null ? '–' : untilText(run.endedAt, now)}
                now={now}
                actions={<StoppedActions run={run} fresh={!(run.id in reached)} />}
              />
            ))}
            {!all && resumable.length > STOPPED && (
              <li className="bar-inset muted">
                <Button onClick={() => setAll(true)}>Show {grouped(resumable.length - STOPPED)} more</Button>
              </li>
            )}
          </ol>
        </Group>
      )}
    </>
  );
}

/** Of language models, between the trainings. */
function Evaluations() {
  const going = useWork().filter((one) => one.of === 'evaluation' && goesOn(one));
  if (going.length === 0) return null;
  return (
    <Group title="Evaluations" count={going.length}>
      <ul className="stack" style={{ paddingInline: 'var(--space-2)' }}>
        {going.map((one) => (
          <WorkRow key={one.id} state={one} />
        ))}
      </ul>
    </Group>
  );
}

const isHeld = ({ held }: WaitingRun) => held;
const isElsewhere = ({ place }: ActiveRunState) => isAway(place);

function Group({ title, count, children }: { title: string; count: number; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <h2 className="inset surface line-below">
        {title} <span className="muted">{grouped(count)}</span>
      </h2>
      {children}
    </section>
  );
}

const idleText = ({ paused }: QueueState) =>
  paused ? 'Nothing is running. Resume the queue to start the waiting runs.' : 'Nothing is running.';

function StoppedActions({ run, fresh }: { run: OwnRun; fresh: boolean }) {
  const nameOf = useNames();
  return (
    <>
      <QueueButtons run={run} waiting={false} fresh={fresh} named />
      <MoreMenu
        label={`More for ${nameOf(run)}`}
        choices={[
          { label: 'New run with this config', perform: () => openNewRun(sameAgain(run)) },
          { label: 'Archive', perform: () => void archiveRuns([run.id], true) },
          { label: 'Delete', perform: () => void deleteRuns([run.id]) },
        ]}
      />
    </>
  );
}

interface ActiveRowProps {
  active: ActiveRunState;
  expected: ExpectedTime | null | undefined;
  now: number;
}

/** A run that a trainer has, or another machine: drawn anew with its own progress alone. */
function ActiveRow({ active, expected, now }: ActiveRowProps) {
  const { run, state, hostedHere, place } = active;
  const time = useRunTime(active, expected);
  return (
    <QueueRow
      run={run}
      at={place}
      progress={<RunningProgress active={active} alike={expected?.epochs ?? null} />}
      time={time}
      ends={isAway(place) ? guessedEnd(place, time, now) : undefined}
      now={now}
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
  const nameOf = useNames();
  return (
    <>
      {hostedHere && <CheckNow run={run} named />}
      <MoreMenu
        label={`More for ${nameOf(run)}`}
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

import { Clock } from 'lucide-react';
import type { ReactNode } from 'react';
import { spanText } from '../../../core/api/clock.ts';
import type { Machine } from '../../../core/api/machines.ts';
import { isAway, pausedText, pendingWords, timeSince } from '../../../core/api/machines.ts';
import type { ActiveRunState, PlaceState, QueueState } from '../../../core/api/queue.ts';
import type { OwnRun, RunRecord } from '../../../core/api/runs.ts';
import { Button } from '../../components/Button.tsx';
import { Chip } from '../../components/lists.tsx';
import { CheckNow, trainHere } from '../../runs/AwayButtons.tsx';
import { QueueButtons, takeBackStop } from '../../runs/QueueButtons.tsx';
import { RunningProgress, StoppedProgress, WaitingProgress } from '../../runs/QueueProgress.tsx';
import { RunName, useNames } from '../../runs/RunName.tsx';
import { RunTile } from '../../runs/RunTile.tsx';
import { epochsOf } from '../../runs/run-words.ts';
import { useClock } from '../../runs/use-clock.ts';
import { routeLink } from '../../state/navigation.ts';

/** The runs of a machine, those that train first, each with what is known of it and what can be done. */
export function MachineRuns({ machine, queue, now }: { machine: Machine; queue: QueueState; now: number }) {
  const { live, waiting, failed, activity, name } = machine;
  const isHere = name === '';
  const times = useClock(queue)?.clock.runs ?? {};
  const row = (run: RunRecord, cells: Pick<RowProps, 'state' | 'actions'>, at: PlaceState | null = null) => (
    <Row
      key={run.id}
      run={run}
      left={spanText(times[run.id]?.left ?? null)}
      now={now}
      place={isHere ? undefined : at}
      {...cells}
    />
  );
  if (live.length + waiting.length + failed.length === 0)
    return <p className="muted">Nothing trains or waits {isHere ? 'here' : 'there'}.</p>;
  return (
    <div className="machine-runs" data-here={isHere || undefined}>
      <div className="machine-run grid middle muted nowrap" aria-hidden="true">
        <span>Run</span>
        <span>State</span>
        {!isHere && <span>Last contact</span>}
        {!isHere && <span>Checkpoint here</span>}
        <span className="text-end">Left</span>
        <span />
      </div>
      <ol>
        {live.map((one) =>
          row(
            one.run,
            {
              state: <RunningProgress active={one} alike={null} />,
              actions: <ActiveActions active={one} />,
            },
            one.place,
          ),
        )}
        {waiting.map(({ run, held }) =>
          row(run, {
            state: (
              <WaitingProgress
                run={run}
                reached={queue.reached[run.id]}
                why={held ? 'Paused' : (pausedText(queue, run.place) ?? 'Waits in the queue here')}
              />
            ),
            actions: !isHere && <TrainHere run={run} place={null} />,
          }),
        )}
        {failed.map((run) =>
          row(run, {
            state: activity.refused.includes(run.id) ? (
              <>
                <span className="clip block" title={run.message ?? undefined}>
                  <strong>Refused</strong> {run.message}
                </span>
                <small className="clip">Before it began: nothing was trained</small>
              </>
            ) : (
              <StoppedProgress run={run} reached={queue.reached[run.id]} />
            ),
            actions: <QueueButtons run={run} waiting={false} fresh={!(run.id in queue.reached)} named />,
          }),
        )}
      </ol>
    </div>
  );
}

interface RowProps {
  run: RunRecord;
  state: ReactNode;
  /** Where it stands there; undefined on this machine, which has no such columns. */
  place: PlaceState | null | undefined;
  left: string;
  actions: ReactNode;
  now: number;
}

function Row({ run, state, place, left, actions, now }: RowProps) {
  const [epoch, at] = place?.saved?.at(-1) ?? [];
  const ago = (time: number | null | undefined) => (time ? `${timeSince(time, now)} ago` : '–');
  return (
    <li className="machine-run grid middle line-below">
      <a className="row-link row shrinks" href={routeLink('run', [run.id])}>
        <RunTile model={run.model} />
        <span className="clip">
          <RunName run={run} />
        </span>
      </a>
      <span className="shrinks">{state}</span>
      {place !== undefined && (
        <>
          <span className="muted">{ago(place?.heardAt)}</span>
          <span className="muted" title={epoch === undefined ? undefined : `Epoch ${epoch}`}>
            {ago(at)}
          </span>
        </>
      )}
      <span className="text-end">{left}</span>
      <span className="row gap-1 end">{actions}</span>
    </li>
  );
}

function ActiveActions({ active }: { active: ActiveRunState }) {
  const { run, state, place, hostedHere } = active;
  const nameOf = useNames();
  const pending = pendingWords(active);
  if (run.kind === 'own' && pending !== null)
    return (
      <>
        <Chip icon={Clock} tone="warning" title="Requested, and not obeyed there yet.">
          {pending}
        </Chip>
        <Button aria-label={`Take back the stop of ${nameOf(run)}`} onClick={() => void takeBackStop(run)}>
          Take back
        </Button>
      </>
    );
  if (run.kind === 'own' && isAway(place))
    return (
      <>
        {hostedHere && place.phase === 'unreachable' && <CheckNow run={run} named />}
        <TrainHere run={run} place={place} />
      </>
    );
  return <QueueButtons run={run} waiting={false} state={state} epochs={epochsOf(run) !== null} named />;
}

function TrainHere({ run, place }: { run: OwnRun; place: PlaceState | null }) {
  const name = useNames()(run);
  return (
    <Button aria-label={`Train here: ${name}`} onClick={() => void trainHere(run, place)}>
      Train here
    </Button>
  );
}

import { Cpu, RefreshCw } from 'lucide-react';
import type { PlaceState } from '../../core/api/queue.ts';
import { nameAlone, type OwnRun } from '../../core/api/runs.ts';
import { Button, Icon } from '../components/Button.tsx';
import { confirmed } from '../components/Confirm.tsx';
import { client } from '../state/api.ts';
import { change } from '../state/deeds.ts';
import { attempt } from '../state/toasts.ts';

/** Takes a run home. What it has reached there is fetched where that answers, and asked about where it could be lost. */
export async function trainHere(run: OwnRun, live: PlaceState | null): Promise<void> {
  const { id, place } = run;
  const name = nameAlone(run);
  const isSilent = live?.phase === 'unreachable';
  const hasBegun = live !== null && (live.phase === 'running' || live.starts > 0);
  if (hasBegun || isSilent) {
    const body = isSilent
      ? `${place} does not answer: the job may continue there, and what it has not sent yet stays there. Training continues here from the last fetched checkpoint.`
      : `Its training on ${place} is stopped. The last checkpoint is fetched, and training continues here from it.`;
    if (!(await confirmed({ title: `Train ${name} here?`, body, action: 'Train here' }))) return;
  }
  const failure = 'Could not train the run here';
  if (live !== null) {
    await attempt(failure, () => client.queue.trainHere({ run: id }));
    return;
  }
  await change(failure, { label: `move of ${name} to this machine` }, [
    { of: 'turn', id, to: { at: 0, place: null, job: null } },
  ]);
}

export function CheckNow({ run, named }: { run: OwnRun; named?: boolean }) {
  return (
    <Button
      aria-label={named ? `Check ${nameAlone(run)} now` : undefined}
      onClick={() => void attempt('Could not ask the host', () => client.queue.check({ run: run.id }))}
    >
      <Icon of={RefreshCw} />
      Check now
    </Button>
  );
}

interface AwayButtonsProps {
  run: OwnRun;
  live: PlaceState | null;
  /** The last epoch whose checkpoint is here, or null. */
  saved: number | null;
}

/** What can be done with a run that another machine has, or is to have. */
export function AwayButtons({ run, live, saved }: AwayButtonsProps) {
  return (
    <>
      {live?.phase === 'unreachable' && <CheckNow run={run} />}
      <Button onClick={() => void trainHere(run, live)}>
        <Icon of={Cpu} />
        {saved === null ? 'Train here instead' : `Train here from epoch ${saved}`}
      </Button>
    </>
  );
}

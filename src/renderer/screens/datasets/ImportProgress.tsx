import type { ImportState } from '../../../core/api/datasets.ts';
import { Button } from '../../components/Button.tsx';
import { Progress } from '../../components/Progress.tsx';
import { durationText } from '../../format/format.ts';
import { client } from '../../state/api.ts';
import { useNow } from '../../state/now.ts';
import { attempt } from '../../state/toasts.ts';
import { phaseText } from './words.ts';

/** A phase has to run this long before its time left is worth a word. */
const TELLS_AFTER_SECONDS = 2;

/** An import under way: which phase, how far, for how long, and how to stop it. */
export function ImportProgress({ state }: { state: ImportState }) {
  const { id, name, phase, fraction } = state;
  const now = useNow();
  return (
    <div className="working">
      <Progress
        label={`${name}: ${phaseText(phase)}`}
        fraction={fraction}
        detail={`${Math.round(100 * fraction)} %${timeText(state, now)}`}
      />
      <Button
        onClick={() =>
          void attempt('The import could not be cancelled', () => client.datasets.cancelImport({ id }))
        }
      >
        Cancel import
      </Button>
    </div>
  );
}

function timeText({ startedAt, phaseStartedAt, fraction }: ImportState, now: number): string {
  const elapsed = (now - phaseStartedAt) / 1000;
  const left = (elapsed / fraction) * (1 - fraction);
  const known = elapsed > TELLS_AFTER_SECONDS && fraction > 0.02 && fraction < 1;
  return ` · ${durationText((now - startedAt) / 1000)}${known ? `, about ${durationText(left)} left in this step` : ''}`;
}

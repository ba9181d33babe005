import { isRough, spanText } from '../../core/api/clock.ts';
import type { DatasetSummary } from '../../core/api/datasets.ts';
import { ActionButton } from '../components/Button.tsx';
import { capital } from '../format/format.ts';
import { starterAction, useStarterTime } from './starter-models.ts';

/** Trains the baselines and a first transformer, and shows them beside each other. */
export function StarterButton({ dataset }: { dataset: DatasetSummary }) {
  const action = starterAction(dataset);
  const time = useStarterTime(dataset);
  const words = time && [isRough(time.work) ? 'rough' : '', time.start].filter(Boolean).join('; ');
  return (
    <ActionButton kind="primary" action={action} title={words ? capital(words) : undefined}>
      {action.label}
      {time && time.work.low > 0 && `, ${spanText(time.work)}`}
    </ActionButton>
  );
}

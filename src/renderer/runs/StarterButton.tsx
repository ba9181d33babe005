import { Scale } from 'lucide-react';
import type { DatasetSummary } from '../../core/api/datasets.ts';
import { ActionButton } from '../components/Button.tsx';
import { starterAction } from './starter-models.ts';

/** Trains the baselines and a first transformer, and shows them beside each other. */
export function StarterButton({ dataset }: { dataset: DatasetSummary }) {
  const action = starterAction(dataset);
  return (
    <ActionButton icon={Scale} kind="primary" action={action}>
      {action.label}
    </ActionButton>
  );
}

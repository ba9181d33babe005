import { Scale } from 'lucide-react';
import type { DatasetSummary } from '../../../core/api/datasets.ts';
import { Button } from '../../components/Button.tsx';
import { Icon } from '../../components/Icon.tsx';
import { compareStarterModels } from '../../runs/starter-models.ts';

/** Trains the baselines and a first transformer, and shows them beside each other. */
export function StarterButton({ dataset }: { dataset: DatasetSummary }) {
  return (
    <Button kind="primary" onClick={() => void compareStarterModels(dataset)}>
      <Icon of={Scale} />
      Compare starter models
    </Button>
  );
}

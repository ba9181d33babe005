import { Plus } from 'lucide-react';
import { Button } from '../components/Button.tsx';
import { Icon } from '../components/Icon.tsx';
import { openNewRun } from './new-run.ts';

/** The main button of every screen from which runs are started. */
export function NewRunButton() {
  return (
    <Button kind="primary" onClick={() => openNewRun()}>
      <Icon of={Plus} />
      New run
      <kbd>N</kbd>
    </Button>
  );
}

import { Plus } from 'lucide-react';
import { Button } from '../components/Button.tsx';
import { openNewRun } from './new-run.ts';

/** The main button of every screen from which runs are started, in the project in view. */
export function NewRunButton({ project }: { project?: string }) {
  return (
    <Button icon={Plus} kind="primary" onClick={() => openNewRun(project === undefined ? {} : { project })}>
      New run
      <kbd>N</kbd>
    </Button>
  );
}

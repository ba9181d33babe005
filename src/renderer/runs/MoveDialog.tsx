import { useState } from 'react';
import { Button } from '../components/Button.tsx';
import { Dialog } from '../components/Dialog.tsx';
import { countText } from '../format/format.ts';
import { ProjectField } from './ProjectField.tsx';
import { moveRuns } from './projects.ts';

interface MoveDialogProps {
  runs: readonly string[];
  /** What they are in now, each once; null for none. */
  projects: readonly (string | null)[];
  onClose(): void;
}

/** Which project the runs are in. */
export function MoveDialog({ runs, projects, onClose }: MoveDialogProps) {
  const [name, setName] = useState((projects.length === 1 && projects[0]) || '');
  const chosen = name.trim() === '' ? null : name.trim();
  const changes = projects.some((project) => project !== chosen);
  const move = async () => {
    if (changes && (await moveRuns(runs, chosen))) onClose();
  };
  return (
    <Dialog
      title={`Move ${countText(runs.length, 'run')} to a project`}
      width={440}
      onClose={onClose}
      cancel="Cancel"
      foot={
        <Button kind="primary" disabled={!changes} onClick={() => void move()}>
          {changes && chosen === null ? 'Remove' : 'Move'}
        </Button>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void move();
        }}
      >
        <ProjectField
          value={name}
          onValue={setName}
          help="A new name makes a new project. Leave empty to remove them from theirs."
        />
      </form>
    </Dialog>
  );
}

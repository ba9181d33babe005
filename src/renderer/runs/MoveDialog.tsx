import { useState } from 'react';
import { Button } from '../components/Button.tsx';
import { Dialog } from '../components/Dialog.tsx';
import { countText } from '../format/format.ts';
import { ProjectField } from './ProjectField.tsx';
import { moveRuns } from './projects.ts';

interface MoveDialogProps {
  runs: readonly string[];
  /** The project that they share, or null. */
  project: string | null;
  onClose(): void;
}

/** Which project the runs are in. */
export function MoveDialog({ runs, project, onClose }: MoveDialogProps) {
  const [name, setName] = useState(project ?? '');
  const chosen = name.trim() === '' ? null : name.trim();
  return (
    <Dialog title={`Move ${countText(runs.length, 'run')} to a project`} width={440} onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void moveRuns(runs, chosen).then((moved) => moved && onClose());
        }}
      >
        <ProjectField
          value={name}
          onValue={setName}
          help="A new name makes a new project; an empty one takes the runs out of theirs."
        />
        <Button type="submit" kind="primary">
          {chosen === null ? 'Take out' : 'Move'}
        </Button>
      </form>
    </Dialog>
  );
}

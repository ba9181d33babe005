import { z } from 'zod';
import { FormDialog } from '../components/FormDialog.tsx';
import { useForm } from '../components/use-form.ts';
import { countText } from '../format/format.ts';
import { ProjectField } from './ProjectField.tsx';
import { moveRuns } from './projects.ts';

interface MoveDialogProps {
  runs: readonly string[];
  /** What they are in now, each once; null for none. */
  projects: readonly (string | null)[];
  onClose(): void;
}

const draft = z.object({ project: z.string().trim() });

/** Which project the runs are in. */
export function MoveDialog({ runs, projects, onClose }: MoveDialogProps) {
  const first = { project: (projects.length === 1 && projects[0]) || '' };
  const { typed, field, ...form } = useForm(`move ${runs.join(' ')}`, draft, first);
  const chosen = typed.project.trim() || null;
  const changes = projects.some((project) => project !== chosen);
  return (
    <FormDialog
      title={`Move ${countText(runs.length, 'run')} to a project`}
      width={440}
      submit={changes && chosen === null ? 'Remove' : 'Move'}
      failure="Could not move the runs"
      ready={changes}
      draft={form}
      onSubmit={() => moveRuns(runs, chosen)}
      onClose={onClose}
    >
      <ProjectField
        {...field('project')}
        help="A new name makes a new project. Leave empty to remove them from theirs."
      />
    </FormDialog>
  );
}

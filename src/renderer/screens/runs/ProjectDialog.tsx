import { useState } from 'react';
import type { Project } from '../../../core/api/projects.ts';
import { Button } from '../../components/Button.tsx';
import { TextAreaField, TextField } from '../../components/controls.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { projectPlace } from '../../runs/projects.ts';
import { client } from '../../state/api.ts';
import { goTo } from '../../state/navigation.ts';
import { attempt } from '../../state/toasts.ts';

interface ProjectDialogProps {
  /** Null for a new one. */
  project: Project | null;
  onClose(): void;
}

/** Name and description of a project; a new one is in view at once. */
export function ProjectDialog({ project, onClose }: ProjectDialogProps) {
  const [name, setName] = useState(project?.name ?? '');
  const [description, setDescription] = useState(project?.description ?? '');
  const save = async () => {
    if (project) await client.projects.change({ project: project.id, name, description });
    else goTo(...projectPlace((await client.projects.create({ name, description })).id));
  };
  return (
    <Dialog title={project ? 'Edit project' : 'New project'} width={480} onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void attempt('The project could not be saved', save).then((saved) => saved && onClose());
        }}
      >
        <TextField label="Name" autoFocus value={name} onValue={setName} />
        <TextAreaField label="Description" rows={4} value={description} onValue={setDescription} />
        <Button type="submit" kind="primary" disabled={name.trim() === ''}>
          {project ? 'Save' : 'Create project'}
        </Button>
      </form>
    </Dialog>
  );
}

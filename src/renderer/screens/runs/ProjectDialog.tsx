import { type Project, projectFields } from '../../../core/api/projects.ts';
import { TextAreaField, TextField } from '../../components/controls.tsx';
import { FormDialog } from '../../components/FormDialog.tsx';
import { useForm } from '../../components/use-form.ts';
import { projectPlace } from '../../runs/projects.ts';
import { client } from '../../state/api.ts';
import { goTo } from '../../state/navigation.ts';

interface ProjectDialogProps {
  /** Null for a new one. */
  project: Project | null;
  onClose(): void;
}

/** Name and description of a project; a new one is in view at once. */
export function ProjectDialog({ project, onClose }: ProjectDialogProps) {
  const { name = '', description = '' } = project ?? {};
  const { field, values } = useForm(projectFields, { name, description });
  const save = async () => {
    if (values === null) return false;
    if (project) return client.projects.change({ project: project.id, ...values });
    goTo(...projectPlace((await client.projects.create(values)).id));
  };
  return (
    <FormDialog
      title={project ? 'Edit project' : 'New project'}
      width={480}
      submit={project ? 'Save' : 'Create project'}
      failure="Could not save the project"
      ready={values !== null}
      onSubmit={save}
      onClose={onClose}
    >
      <TextField label="Name" autoFocus {...field('name')} />
      <TextAreaField label="Description" rows={4} {...field('description')} />
    </FormDialog>
  );
}

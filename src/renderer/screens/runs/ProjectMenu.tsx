import { Folder } from 'lucide-react';
import { useState } from 'react';
import { coming } from '../../../core/api/changes.ts';
import { type Project, projectFields } from '../../../core/api/projects.ts';
import { menuAction } from '../../actions/action.ts';
import { Button } from '../../components/Button.tsx';
import { TextAreaField, TextField } from '../../components/controls.tsx';
import { FormDialog } from '../../components/FormDialog.tsx';
import { Menu } from '../../components/Menu.tsx';
import { useForm } from '../../components/use-form.ts';
import { deleteProject, projectPlace, reportProject, useProjects } from '../../runs/projects.ts';
import { client } from '../../state/api.ts';
import { change, remember } from '../../state/deeds.ts';
import { goTo } from '../../state/navigation.ts';

/** The project in view, the others, and what can be done to it. */
export function ProjectMenu({ project }: { project: Project | undefined }) {
  const projects = useProjects();
  const [editing, setEditing] = useState<'new' | 'current' | null>(null);
  const show = (id: string | null) => () => goTo(...projectPlace(id));
  return (
    <>
      <Menu
        trigger={
          <Button icon={Folder} aria-label={`Project: ${project?.name ?? 'All projects'}`}>
            <span className="clip" style={{ maxWidth: 180 }}>
              {project?.name ?? 'All projects'}
            </span>
          </Button>
        }
        choices={[
          { label: 'All projects', perform: show(null) },
          ...projects.map(({ id, name }) => ({ label: name, perform: show(id) })),
          null,
          menuAction('projects.new', 'File', 'New project', () => setEditing('new')),
          ...(project
            ? [
                menuAction('projects.report', 'File', 'Report of the project', () => reportProject(project), {
                  ...{ enabled: () => project.runs > 0, why: 'It has no runs yet' },
                }),
                menuAction(
                  'projects.edit',
                  'File',
                  'Edit name and description',
                  () => setEditing('current'),
                  {
                    keywords: 'project',
                  },
                ),
                menuAction(
                  'projects.delete',
                  'File',
                  `Delete ${project.name}`,
                  () => deleteProject(project),
                  {
                    verb: 'delete',
                  },
                ),
              ]
            : []),
        ]}
      />
      {editing && (
        <ProjectDialog
          project={editing === 'current' && project ? project : null}
          onClose={() => setEditing(null)}
        />
      )}
    </>
  );
}

interface ProjectDialogProps {
  /** Null for a new one. */
  project: Project | null;
  onClose(): void;
}

/** Name and description of a project; a new one is in view at once. */
function ProjectDialog({ project, onClose }: ProjectDialogProps) {
  const { name = '', description = '' } = project ?? {};
  const key = `project ${project?.id ?? 'new'}`;
  const { field, values, ...form } = useForm(key, projectFields, { name, description });
  const save = async () => {
    if (values === null) return false;
    if (project)
      return change('Could not save the project', { label: `change of the project ${project.name}` }, [
        { of: 'project', id: project.id, to: values },
      ]);
    const { id } = await client.projects.create(values);
    remember({ label: `new project ${values.name}`, changes: [coming('project', [id])] });
    goTo(...projectPlace(id));
  };
  return (
    <FormDialog
      title={project ? 'Edit project' : 'New project'}
      width={480}
      submit={project ? 'Save' : 'Create project'}
      failure="Could not save the project"
      ready={values !== null}
      draft={form}
      onSubmit={save}
      onClose={onClose}
    >
      <TextField label="Name" autoFocus {...field('name')} />
      <TextAreaField label="Description" rows={4} {...field('description')} />
    </FormDialog>
  );
}

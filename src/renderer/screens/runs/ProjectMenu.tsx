import { Folder } from 'lucide-react';
import { useState } from 'react';
import type { Project } from '../../../core/api/projects.ts';
import { Button, Icon } from '../../components/Button.tsx';
import { Menu } from '../../components/Menu.tsx';
import { deleteProject, projectPlace, reportProject, useProjects } from '../../runs/projects.ts';
import { goTo } from '../../state/navigation.ts';
import { ProjectDialog } from './ProjectDialog.tsx';

/** The project in view, the others, and what can be done to it. */
export function ProjectMenu({ project }: { project: Project | undefined }) {
  const projects = useProjects();
  const [editing, setEditing] = useState<'new' | 'current' | null>(null);
  const show = (id: string | null) => () => goTo(...projectPlace(id));
  return (
    <>
      <Menu
        trigger={
          <Button aria-label={`Project: ${project?.name ?? 'All projects'}`}>
            <Icon of={Folder} />
            <span className="clip" style={{ maxWidth: 180 }}>
              {project?.name ?? 'All projects'}
            </span>
          </Button>
        }
        choices={[
          { label: 'All projects', perform: show(null) },
          ...projects.map(({ id, name }) => ({ label: name, perform: show(id) })),
          null,
          { label: 'New project', perform: () => setEditing('new') },
          ...(project
            ? [
                {
                  label: 'Report of the project',
                  enabled: () => project.runs > 0,
                  perform: () => void reportProject(project),
                },
                { label: 'Edit name and description', perform: () => setEditing('current') },
                { label: `Delete ${project.name}`, perform: () => deleteProject(project) },
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

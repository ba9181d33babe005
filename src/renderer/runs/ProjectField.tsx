import { Field } from '../components/Field.tsx';
import { useProjects } from './projects.ts';

interface ProjectFieldProps {
  /** Empty for none. */
  value: string;
  onValue(name: string): void;
  help?: string;
}

/** The name of a project: one of those there are, or a new one. */
export function ProjectField({ value, onValue, help = 'A new name makes a new project' }: ProjectFieldProps) {
  const projects = useProjects();
  return (
    <Field label="Project" help={help}>
      {(control) => (
        <>
          <input
            className="input"
            {...control}
            list={`${control.id}-projects`}
            maxLength={200}
            placeholder="No project"
            value={value}
            onChange={(event) => onValue(event.target.value)}
          />
          <datalist id={`${control.id}-projects`}>
            {projects.map(({ id, name }) => (
              <option key={id} value={name} />
            ))}
          </datalist>
        </>
      )}
    </Field>
  );
}

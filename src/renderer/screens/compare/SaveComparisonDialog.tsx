import { useQuery } from '@tanstack/react-query';
import { coming, deleting } from '../../../core/api/changes.ts';
import { comparisonFields, type SavedComparison } from '../../../core/api/comparisons.ts';
import type { Project } from '../../../core/api/projects.ts';
import { TextAreaField, TextField } from '../../components/controls.tsx';
import { FormDialog } from '../../components/FormDialog.tsx';
import { useForm } from '../../components/use-form.ts';
import { countText } from '../../format/format.ts';
import { ProjectField } from '../../runs/ProjectField.tsx';
import { sharedProject, useProjects } from '../../runs/projects.ts';
import { useSavedComparisons } from '../../runs/saved-comparisons.ts';
import { api, client } from '../../state/api.ts';
import { change, remember } from '../../state/deeds.ts';

interface SaveComparisonDialogProps {
  /** What is shown now, and saved. */
  content: Pick<SavedComparison, 'runs' | 'baseline' | 'metrics' | 'labels'>;
  saved: SavedComparison | undefined;
  onClose(): void;
}

/** Gives the comparison a name, a conclusion, and its project: at first the one of its runs. */
export function SaveComparisonDialog({ content, saved, onClose }: SaveComparisonDialogProps) {
  const projects = useProjects();
  const all = useSavedComparisons();
  const { data } = useQuery({
    ...api.runs.table.queryOptions({ input: { runs: content.runs, archived: 'all', limit: 1000 } }),
    enabled: saved === undefined,
  });
  const known = saved
    ? projects.find(({ id }) => id === saved.project)?.name
    : sharedProject(data?.rows ?? []);
  const { name = '', notes = '' } = saved ?? {};
  const { field, values, ...form } = useForm(
    `comparison ${saved?.id ?? content.runs.toSorted().join(' ')}`,
    comparisonFields,
    { name, notes, project: '' },
    { usual: { project: known ?? '' } },
  );
  const replaced = all.find((one) => one.name === values?.name && one.id !== saved?.id);
  const save = async () => {
    if (values === null) return false;
    const whole = { ...values, project: await projectNamed(values.project, projects), ...content };
    const replacing = replaced ? [deleting('comparison', [replaced.id])] : [];
    const title = replaced && `Replaced the comparison ${replaced.name}`;
    const words = { label: `saving of the comparison ${values.name}`, title };
    if (saved)
      return change('Could not save the comparison', words, [
        ...replacing,
        { of: 'comparison', id: saved.id, to: whole },
      ]);
    const { id } = await client.comparisons.save({ replaces: replaced?.id, ...whole });
    remember({ ...words, changes: [...replacing, coming('comparison', [id])] });
  };
  return (
    <FormDialog
      title="Save comparison"
      width={480}
      submit={replaced ? 'Replace' : 'Save'}
      failure="Could not save the comparison"
      ready={values !== null}
      draft={form}
      onSubmit={save}
      onClose={onClose}
    >
      <TextField
        label="Name"
        autoFocus
        {...field('name')}
        {...(replaced && {
          problem: `Replaces the comparison of ${countText(replaced.runs.length, 'run')} with this name`,
        })}
      />
      <TextAreaField
        label="Conclusion"
        help="Shown in reports, under the title"
        rows={6}
        {...field('notes')}
      />
      <ProjectField {...field('project')} />
    </FormDialog>
  );
}

/** Id of the project with this name, which is made where there is none; null for an empty name. */
async function projectNamed(name: string, known: readonly Project[]): Promise<string | null> {
  if (name === '') return null;
  return (known.find((one) => one.name === name) ?? (await client.projects.create({ name }))).id;
}

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '../../components/Button.tsx';
import { TextAreaField, TextField } from '../../components/controls.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { ProjectField } from '../../runs/ProjectField.tsx';
import { sharedProject, useProjects } from '../../runs/projects.ts';
import type { SavedComparison } from '../../runs/saved-comparisons.ts';
import { api, client } from '../../state/api.ts';
import { attempt } from '../../state/toasts.ts';

interface SaveComparisonDialogProps {
  runs: readonly string[];
  saved: SavedComparison | undefined;
  onSave(changes: Pick<SavedComparison, 'name' | 'notes' | 'project'>): void;
  onClose(): void;
}

/** Gives the comparison a name, what was concluded from it, and its project: at first the one of its runs. */
export function SaveComparisonDialog({ runs, saved, onSave, onClose }: SaveComparisonDialogProps) {
  const [name, setName] = useState(saved?.name ?? '');
  const [notes, setNotes] = useState(saved?.notes ?? '');
  const [typed, setTyped] = useState<string | null>(null);
  const projects = useProjects();
  const { data } = useQuery({
    ...api.runs.table.queryOptions({ input: { runs: [...runs], archived: 'all', limit: 1000 } }),
    enabled: saved === undefined,
  });
  const known = saved
    ? projects.find(({ id }) => id === saved.project)?.name
    : sharedProject(data?.rows ?? []);
  const project = typed ?? known ?? '';
  const save = async () => {
    const chosen = project.trim();
    const id =
      chosen === ''
        ? undefined
        : (projects.find((one) => one.name === chosen) ?? (await client.projects.create({ name: chosen })))
            .id;
    onSave({ name: name.trim(), notes: notes.trim(), project: id });
  };
  const submit = () => attempt('The comparison could not be saved', save);
  return (
    <Dialog
      title="Save comparison"
      width={480}
      onClose={onClose}
      cancel="Cancel"
      foot={
        <Button kind="primary" disabled={name.trim() === ''} onClick={() => void submit()}>
          Save
        </Button>
      }
    >
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim() !== '') void submit();
        }}
      >
        <TextField label="Name" value={name} onValue={setName} />
        <TextAreaField
          label="Conclusion"
          help="Goes into reports, under their title"
          rows={6}
          value={notes}
          onValue={setNotes}
        />
        <ProjectField value={project} onValue={setTyped} />
      </form>
    </Dialog>
  );
}

import { useState } from 'react';
import { Button } from '../../components/Button.tsx';
import { TextField } from '../../components/controls.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { Field } from '../../components/Field.tsx';
import type { SavedComparison } from '../../runs/saved-comparisons.ts';

interface SaveComparisonDialogProps {
  saved: SavedComparison | undefined;
  onSave(name: string, notes: string): void;
  onClose(): void;
}

/** Gives the comparison a name, and what was concluded from it. */
export function SaveComparisonDialog({ saved, onSave, onClose }: SaveComparisonDialogProps) {
  const [name, setName] = useState(saved?.name ?? '');
  const [notes, setNotes] = useState(saved?.notes ?? '');
  return (
    <Dialog title="Save comparison" width={480} onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          onSave(name.trim(), notes.trim());
        }}
      >
        <TextField label="Name" value={name} onValue={setName} />
        <Field label="Conclusion" help="Goes into reports, under their title">
          {(control) => (
            <textarea
              {...control}
              className="input"
              rows={6}
              value={notes}
              onChange={(event) => setNotes(event.target.value)}
            />
          )}
        </Field>
        <Button type="submit" kind="primary" disabled={name.trim() === ''}>
          Save
        </Button>
      </form>
    </Dialog>
  );
}

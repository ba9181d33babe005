import { useState } from 'react';
import { TextAreaField } from '../components/controls.tsx';
import { Field } from '../components/Field.tsx';
import { FormDialog } from '../components/FormDialog.tsx';
import { Chips } from '../components/lists.tsx';
import { countText } from '../format/format.ts';
import { changeNotes } from './changes.ts';

export interface NotesDialogProps {
  runs: readonly string[];
  /** Tags that any of the runs has. */
  tags: readonly string[];
  /** Tags of other runs, to choose from. */
  others: readonly string[];
  /** Shown and changed for a single run. */
  notes: string | null;
  onClose(): void;
}

/** Tags of one or several runs, and the notes of one. */
export function NotesDialog({ runs, tags, others, notes, onClose }: NotesDialogProps) {
  const [chosen, setChosen] = useState<readonly string[]>(tags);
  const [typed, setTyped] = useState('');
  const [text, setText] = useState(notes ?? '');
  const add = (tag: string) => {
    const name = tag.trim();
    if (name !== '' && !chosen.includes(name)) setChosen([...chosen, name]);
    setTyped('');
  };
  const save = () => {
    const next = typed.trim() === '' ? chosen : [...new Set([...chosen, typed.trim()])];
    const added = next.filter((tag) => !tags.includes(tag));
    const removed = tags.filter((tag) => !next.includes(tag));
    const newNotes = notes !== null && text !== notes ? text : null;
    return changeNotes(runs, { added, removed, notes: newNotes });
  };
  return (
    <FormDialog
      title={runs.length === 1 ? 'Tags and notes' : `Tags of ${countText(runs.length, 'run')}`}
      submit="Save"
      failure="Could not save tags and notes"
      onSubmit={save}
      onClose={onClose}
    >
      <Field label="Tags" help="Press Enter to add">
        {(control) => (
          <input
            className="input"
            {...control}
            list="known-tags"
            maxLength={100}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            onKeyDown={(event) => {
              if (event.key !== 'Enter' || event.nativeEvent.isComposing || typed.trim() === '') return;
              event.preventDefault();
              add(typed);
            }}
          />
        )}
      </Field>
      <datalist id="known-tags">
        {others.map((tag) => (
          <option key={tag} value={tag} />
        ))}
      </datalist>
      {chosen.length > 0 && (
        <Chips
          label="Tags"
          noun="tag"
          chips={chosen.map((tag) => ({
            text: tag,
            remove: () => setChosen(chosen.filter((other) => other !== tag)),
          }))}
        />
      )}
      {notes !== null && <TextAreaField label="Notes" rows={8} value={text} onValue={setText} />}
    </FormDialog>
  );
}

import { X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { Button } from '../components/Button.tsx';
import { TextAreaField } from '../components/controls.tsx';
import { Field } from '../components/Field.tsx';
import { FormDialog } from '../components/FormDialog.tsx';
import { Icon } from '../components/Icon.tsx';
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

/** The fields of tags and notes, and what keeps them. */
function useNotes({ runs, tags, others, notes }: Omit<NotesDialogProps, 'onClose'>) {
  const [chosen, setChosen] = useState<readonly string[]>(tags);
  const [typed, setTyped] = useState('');
  const [text, setText] = useState(notes ?? '');
  const add = (tag: string) => {
    const name = tag.trim();
    if (name !== '' && !chosen.includes(name)) setChosen([...chosen, name]);
    setTyped('');
  };
  const next = typed.trim() === '' ? chosen : [...new Set([...chosen, typed.trim()])];
  const added = next.filter((tag) => !tags.includes(tag));
  const removed = tags.filter((tag) => !next.includes(tag));
  const newNotes = notes !== null && text !== notes ? text : null;
  const save = () => changeNotes(runs, { added, removed, notes: newNotes });
  const fields = (
    <div className="stack">
      <Field label="Tags" help="Press Enter to add.">
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
    </div>
  );
  return { fields, save, changed: added.length + removed.length > 0 || newNotes !== null };
}

function titleOf(runs: readonly string[]): string {
  return runs.length === 1 ? 'Tags and notes' : `Tags of ${countText(runs.length, 'run')}`;
}

/** Tags of one or several runs, and the notes of one. */
export function NotesDialog({ onClose, ...of }: NotesDialogProps) {
  const { fields, save } = useNotes(of);
  return (
    <FormDialog
      title={titleOf(of.runs)}
      submit="Save"
      failure="Could not save tags and notes"
      onSubmit={save}
      onClose={onClose}
    >
      {fields}
    </FormDialog>
  );
}

/** The same beside a table, of whatever is selected in it. */
export function NotesPanel({ onClose, ...of }: NotesDialogProps) {
  const panel = useRef<HTMLElement>(null);
  useEffect(() => panel.current?.querySelector('input')?.focus(), []);
  return (
    <aside ref={panel} className="notes-panel" aria-label="Tags and notes">
      <div className="chart-head">
        <h2>{titleOf(of.runs)}</h2>
        <Button kind="quiet" aria-label="Close tags and notes" onClick={onClose}>
          <Icon of={X} />
        </Button>
      </div>
      <NotesForm key={JSON.stringify([of.runs, of.tags, of.notes])} {...of} />
    </aside>
  );
}

function NotesForm(of: Omit<NotesDialogProps, 'onClose'>) {
  const { fields, save, changed } = useNotes(of);
  return (
    <>
      {fields}
      <Button kind="primary" disabled={!changed} onClick={() => void save()}>
        Save
      </Button>
    </>
  );
}

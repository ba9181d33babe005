import { X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { Annotations } from '../../core/api/runs.ts';
import { Button } from '../components/Button.tsx';
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

/** The fields of tags and notes, and what keeps them. */
function useNotes({ runs, tags, others, notes }: Omit<NotesDialogProps, 'onClose'>) {
  // What another window changes meanwhile stays as it is there.
  const [kept, setKept] = useState({ tags, notes });
  const [chosen, setChosen] = useState<readonly string[]>(tags);
  const [typed, setTyped] = useState('');
  const [text, setText] = useState(notes ?? '');
  const add = (tag: string) => {
    const name = tag.trim();
    if (name !== '' && !chosen.includes(name)) setChosen([...chosen, name]);
    setTyped('');
  };
  const next = typed.trim() === '' ? chosen : [...new Set([...chosen, typed.trim()])];
  const added = next.filter((tag) => !kept.tags.includes(tag));
  const removed = kept.tags.filter((tag) => !next.includes(tag));
  const newNotes = kept.notes !== null && text !== kept.notes ? text : null;
  const save = async () => {
    const saved = await changeNotes(runs, { added, removed, notes: newNotes });
    if (saved) setKept({ tags: next, notes: kept.notes === null ? null : text });
    return saved;
  };
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
      {kept.notes !== null && <TextAreaField label="Notes" rows={8} value={text} onValue={setText} />}
    </div>
  );
  return { fields, save };
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

interface NotesPanelProps extends Pick<NotesDialogProps, 'runs' | 'others' | 'onClose'> {
  /** What is noted about each run, once it is known. */
  noted: Record<string, Annotations> | undefined;
}

/** The same beside a table, of whatever is selected in it. */
export function NotesPanel({ runs, noted, others, onClose }: NotesPanelProps) {
  const panel = useRef<HTMLElement>(null);
  const focused = useRef(false);
  useEffect(() => {
    const input = panel.current?.querySelector('input');
    if (focused.current || !input) return;
    input.focus();
    focused.current = true;
  });
  const all = Object.values(noted ?? {});
  const tags = [...new Set(all.flatMap((own) => own.tags))];
  const notes = runs.length === 1 ? (all[0]?.notes ?? null) : null;
  return (
    <aside ref={panel} className="notes-panel rigid scrolls line-before" aria-label="Tags and notes">
      <div className="chart-head">
        <h2>{titleOf(runs)}</h2>
        <Button icon={X} kind="quiet" aria-label="Close tags and notes" onClick={onClose} />
      </div>
      {noted && <NotesForm key={runs.join(' ')} {...{ runs, tags, others, notes }} />}
    </aside>
  );
}

function NotesForm(of: Omit<NotesDialogProps, 'onClose'>) {
  const { fields, save } = useNotes(of);
  const latest = useRef(save);
  useEffect(() => {
    latest.current = save;
  });
  // What was typed is kept where other rows are selected, and can be undone.
  useEffect(() => () => void latest.current(), []);
  return (
    <>
      {fields}
      <Button kind="primary" onClick={() => void save()}>
        Save
      </Button>
    </>
  );
}

import { useState } from 'react';
import { Button } from '../components/Button.tsx';
import { Dialog } from '../components/Dialog.tsx';
import { Field } from '../components/Field.tsx';
import { changeNotes, countText } from './changes.ts';

export interface NotesDialogProps {
  runs: readonly string[];
  /** Tags that any of the runs has. */
  tags: readonly string[];
  /** Tags of other runs, to choose from. */
  known: readonly string[];
  /** Shown and changed for a single run. */
  notes: string | null;
  onClose(): void;
}

/** Tags of one or several runs, and the notes of one. */
export function NotesDialog({ runs, tags, known, notes, onClose }: NotesDialogProps) {
  const [chosen, setChosen] = useState<readonly string[]>(tags);
  const [typed, setTyped] = useState('');
  const [text, setText] = useState(notes ?? '');
  const add = (tag: string) => {
    const name = tag.trim();
    if (name !== '' && !chosen.includes(name)) setChosen([...chosen, name]);
    setTyped('');
  };
  const save = async () => {
    const wanted = typed.trim() === '' ? chosen : [...new Set([...chosen, typed.trim()])];
    const added = wanted.filter((tag) => !tags.includes(tag));
    const removed = tags.filter((tag) => !wanted.includes(tag));
    const newNotes = notes !== null && text !== notes ? text : null;
    if (await changeNotes(runs, { added, removed, notes: newNotes })) onClose();
  };
  return (
    <Dialog
      title={runs.length === 1 ? 'Tags and notes' : `Tags of ${countText(runs.length, 'run')}`}
      open
      onOpenChange={onClose}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" onClick={() => void save()}>
            Save
          </Button>
        </>
      }
    >
      <div className="stack">
        <Field label="Tags" help="Enter adds one.">
          {(control) => (
            <input
              className="input"
              {...control}
              list="known-tags"
              maxLength={100}
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
              onKeyDown={(event) => {
                if (event.key !== 'Enter') return;
                event.preventDefault();
                add(typed);
              }}
            />
          )}
        </Field>
        <datalist id="known-tags">
          {known.map((tag) => (
            <option key={tag} value={tag} />
          ))}
        </datalist>
        {chosen.length > 0 && (
          <ul className="chips" aria-label="Tags">
            {chosen.map((tag) => (
              <li key={tag} className="chip">
                {tag}
                <button
                  type="button"
                  aria-label={`Remove tag ${tag}`}
                  onClick={() => setChosen(chosen.filter((other) => other !== tag))}
                >
                  ✕
                </button>
              </li>
            ))}
          </ul>
        )}
        {notes !== null && (
          <Field label="Notes">
            {(control) => (
              <textarea
                className="input"
                {...control}
                rows={8}
                value={text}
                onChange={(event) => setText(event.target.value)}
              />
            )}
          </Field>
        )}
      </div>
    </Dialog>
  );
}

import { X } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { z } from 'zod';
import type { Annotations } from '../../core/api/runs.ts';
import { Button } from '../components/Button.tsx';
import { TextAreaField } from '../components/controls.tsx';
import { Field } from '../components/Field.tsx';
import { FormDialog } from '../components/FormDialog.tsx';
import { Chips } from '../components/lists.tsx';
import { countText } from '../format/format.ts';
import { api, queryClient } from '../state/api.ts';
import { useDraft } from '../state/drafts.ts';
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

/** What was changed: what another window changes meanwhile stays as it is there. */
const notesDraft = z.object({
  added: z.array(z.string()),
  removed: z.array(z.string()),
  typed: z.string(),
  /** Null where they are as they were. */
  notes: z.string().nullable(),
});
const UNCHANGED: z.output<typeof notesDraft> = { added: [], removed: [], typed: '', notes: null };

/** The fields of tags and notes, and what saves them. */
function useNotes({ runs, tags, others, notes }: Omit<NotesDialogProps, 'onClose'>) {
  const { draft, change, isKept, forget } = useDraft(`notes ${runs.join(' ')}`, notesDraft, UNCHANGED);
  const { removed, typed } = draft;
  const added = draft.added.filter((tag) => !tags.includes(tag));
  const chosen = [...tags.filter((tag) => !removed.includes(tag)), ...added];
  const withTyped = () => {
    const name = typed.trim();
    const isNew = name !== '' && !chosen.includes(name);
    if (!isNew) return { added, removed };
    return tags.includes(name)
      ? { added, removed: removed.filter((tag) => tag !== name) }
      : { added: [...added, name], removed };
  };
  const remove = (tag: string) =>
    tags.includes(tag)
      ? change({ removed: [...removed, tag] })
      : change({ added: added.filter((other) => other !== tag) });
  const save = async () => {
    const now = withTyped();
    const gone = now.removed.filter((tag) => tags.includes(tag));
    const text = draft.notes === notes ? null : draft.notes;
    const saved = await changeNotes(runs, { added: now.added, removed: gone, notes: text });
    if (!saved) return false;
    // What is shown is then what was saved.
    await queryClient.invalidateQueries({ queryKey: api.runs.annotations.key() });
    forget();
    return true;
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
            onChange={(event) => change({ typed: event.target.value })}
            onKeyDown={(event) => {
              if (event.key !== 'Enter' || event.nativeEvent.isComposing || typed.trim() === '') return;
              event.preventDefault();
              change({ ...withTyped(), typed: '' });
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
          chips={chosen.map((tag) => ({ text: tag, remove: () => remove(tag) }))}
        />
      )}
      {notes !== null && (
        <TextAreaField
          label="Notes"
          rows={8}
          value={draft.notes ?? notes}
          onValue={(text) => change({ notes: text })}
        />
      )}
    </div>
  );
  return { fields, save, draft: { isKept, forget } };
}

function titleOf(runs: readonly string[]): string {
  return runs.length === 1 ? 'Tags and notes' : `Tags of ${countText(runs.length, 'run')}`;
}

/** Tags of one or several runs, and the notes of one. */
export function NotesDialog({ onClose, ...of }: NotesDialogProps) {
  const { fields, save, draft } = useNotes(of);
  return (
    <FormDialog
      title={titleOf(of.runs)}
      submit="Save"
      failure="Could not save tags and notes"
      onSubmit={save}
      onClose={onClose}
      draft={draft}
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
      {noted && <NotesForm {...{ runs, tags, others, notes }} />}
    </aside>
  );
}

function NotesForm(of: Omit<NotesDialogProps, 'onClose'>) {
  const { fields, save } = useNotes(of);
  const latest = useRef(save);
  useEffect(() => {
    latest.current = save;
  });
  const key = of.runs.join(' ');
  // What was typed is saved where other rows are selected, and can be undone.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each selection
  useEffect(() => () => void latest.current(), [key]);
  return (
    <>
      {fields}
      <Button kind="primary" onClick={() => void save()}>
        Save
      </Button>
    </>
  );
}

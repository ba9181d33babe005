import { type KeyboardEvent, type ReactNode, useId, useState } from 'react';
import { problemText } from '../state/api.ts';
import type { KeptDraft } from '../state/drafts.ts';
import { Button } from './Button.tsx';
import { Dialog, type DialogProps } from './Dialog.tsx';
import { DraftNote } from './DraftNote.tsx';

export interface FormDialogProps extends Pick<DialogProps, 'title' | 'width' | 'onClose'> {
  /** What the main button says, such as "Save". */
  submit: string;
  /** What is said where it fails: "Could not save the view". */
  failure: string;
  /** What was typed can be submitted. Default: true. */
  ready?: boolean;
  /** What was typed, which is kept where the dialog is closed, and forgotten once it was submitted. */
  draft: Pick<KeptDraft<object>, 'isKept' | 'forget'>;
  /** The dialog closes when it has ended, unless it returns false. */
  onSubmit(): unknown;
  children: ReactNode;
}

/** A dialog with fields: Enter submits it, from wherever the focus is with Ctrl, Escape cancels it, and both wait for what runs. */
export function FormDialog(props: FormDialogProps) {
  const { title, width, submit, failure, ready = true, draft, onSubmit, onClose, children } = props;
  const id = useId();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const close = () => {
    if (!busy) onClose();
  };
  const perform = async () => {
    if (!ready || busy) return;
    setBusy(true);
    setProblem(null);
    try {
      if ((await onSubmit()) !== false) {
        draft.forget();
        onClose();
      }
    } catch (error) {
      setProblem(problemText(error));
    }
    setBusy(false);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    void perform();
  };
  return (
    <Dialog
      title={title}
      width={width}
      onClose={close}
      foot={
        <>
          {draft.isKept && !busy && <DraftNote className="toolbar-start" onDiscard={draft.forget} />}
          <Button disabled={busy} onClick={close}>
            Cancel
          </Button>
          <Button kind="primary" type="submit" form={id} disabled={!ready || busy}>
            {submit}
          </Button>
        </>
      }
    >
      <form
        id={id}
        className="stack"
        onKeyDown={onKeyDown}
        onSubmit={(event) => {
          event.preventDefault();
          void perform();
        }}
      >
        {children}
        {problem !== null && (
          <p className="field-problem" role="alert">
            {failure}: {problem}
          </p>
        )}
      </form>
    </Dialog>
  );
}

import { type ReactNode, useRef, useState } from 'react';
import { shell } from '../shell/window-shell.ts';
import { Button } from './Button.tsx';
import { TextField } from './controls.tsx';
import { FormDialog } from './FormDialog.tsx';

interface FolderDialogProps {
  title: string;
  /** What is written. */
  help: string;
  /** What is said where it fails: "Could not export the run". */
  failure: string;
  /** Writes into the folder, or into one in the data folder where that is empty. */
  onWrite(folder: string, context: { signal: AbortSignal; onProgress(text: string): void }): Promise<void>;
  onClose(): void;
  children?: ReactNode;
}

/** Exports into a folder, with progress; the shell of a browser names none. */
export function FolderDialog({ title, help, failure, onWrite, onClose, children }: FolderDialogProps) {
  const [folder, setFolder] = useState('');
  const [progress, setProgress] = useState<string | null>(null);
  const abort = useRef<AbortController | null>(null);
  const choose = async () => {
    const chosen = await shell.chooseFolder?.();
    if (chosen) setFolder(chosen);
  };
  const write = async () => {
    abort.current = new AbortController();
    const { signal } = abort.current;
    try {
      await onWrite(folder.trim(), { signal, onProgress: setProgress });
    } catch (error) {
      if (!signal.aborted) throw error;
      // Stopped, and to be begun again.
      return false;
    } finally {
      setProgress(null);
    }
  };
  return (
    <FormDialog
      title={title}
      width={520}
      submit="Export"
      failure={failure}
      onSubmit={write}
      onClose={onClose}
    >
      <p className="field-help">
        {help}
        {!shell.chooseFolder && ' The files go into the exports folder of your data folder.'}
      </p>
      {children}
      {shell.chooseFolder && (
        <div className="settings-folder flex gap-3">
          <TextField
            label="Folder"
            help="New or empty. Left out: the exports folder of your data folder."
            value={folder}
            onValue={setFolder}
          />
          <Button onClick={() => void choose()}>Choose</Button>
        </div>
      )}
      {progress !== null && (
        <p className="muted" role="status">
          {progress} <Button onClick={() => abort.current?.abort()}>Stop</Button>
        </p>
      )}
    </FormDialog>
  );
}

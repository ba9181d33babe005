import type { ReactNode } from 'react';
import { z } from 'zod';
import { shell } from '../shell/window-shell.ts';
import { Button } from './Button.tsx';
import { TextField } from './controls.tsx';
import { FormDialog } from './FormDialog.tsx';
import { useForm } from './use-form.ts';

interface FolderDialogProps {
  title: string;
  /** What is written. */
  help: string;
  /** Begins to write into the folder, or into one in the data folder where that is empty. Returns whether that could be. */
  onWrite(folder: string): Promise<boolean>;
  onClose(): void;
  children?: ReactNode;
  /** Pixels. Default: 520. */
  width?: number;
  /** On the main button. Default: "Export". */
  submit?: string;
}

const draft = z.object({ folder: z.string().trim() });

/** Begins an export into a folder; the shell of a browser names none. */
export function FolderDialog(props: FolderDialogProps) {
  const { title, help, onWrite, onClose, children, width = 520, submit = 'Export' } = props;
  const { typed, change, field, ...form } = useForm(title, draft, { folder: '' });
  const choose = async () => {
    const chosen = await shell.chooseFolder?.();
    if (chosen) change({ folder: chosen });
  };
  return (
    <FormDialog
      title={title}
      width={width}
      submit={submit}
      failure="Could not begin the export"
      draft={form}
      onSubmit={() => onWrite(typed.folder.trim())}
      onClose={onClose}
    >
      <p className="field-help">
        {help}
        {!shell.chooseFolder && ' The files go into the exports folder of your data folder.'}
      </p>
      {children}
      {shell.chooseFolder && (
        <div className="folder-field flex gap-3">
          <TextField
            label="Folder"
            help="New or empty. Left out: the exports folder of your data folder."
            {...field('folder')}
          />
          <Button onClick={() => void choose()}>Choose</Button>
        </div>
      )}
    </FormDialog>
  );
}

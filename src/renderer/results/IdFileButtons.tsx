import { FileButton } from '../app/FilePicker.tsx';
import { fileNames } from '../format/files.ts';
import { shell } from '../shell/window-shell.ts';
import { takeFiles } from '../state/drops.ts';

export type IdFiles = Record<'users' | 'items', string | null>;

interface ChosenFileProps {
  label: string;
  /** What it is for, or what was chosen. */
  note: string;
  onPath(path: string): void;
}

/** A button that takes a file, and what there is to say of it. */
export function ChosenFile({ label, note, onPath }: ChosenFileProps) {
  const take = (files: File[]) =>
    void takeFiles(
      (watch) => shell.takeFiles(files, watch),
      ([path]) => onPath(path),
    );
  return (
    <div className="row gap-3">
      <FileButton label={label} onFiles={take} />
      <span className="muted">{note}</span>
    </div>
  );
}

interface IdFileButtonsProps {
  ids: IdFiles;
  /** One of them has arrived, when others may be on their way. */
  onPath(role: keyof IdFiles, path: string): void;
}

/** Files of ids for arrays that do not name their rows and columns. */
export function IdFileButtons({ ids, onPath }: IdFileButtonsProps) {
  return (['users', 'items'] as const).map((role) => (
    <ChosenFile
      key={role}
      label={`Ids of the ${role}`}
      note={
        ids[role] === null ? 'One per line; not needed where the file has them' : fileNames([ids[role]])[0]
      }
      onPath={(path) => onPath(role, path)}
    />
  ));
}

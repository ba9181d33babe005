import { FolderOpen, type LucideIcon, Upload } from 'lucide-react';
import { useRef } from 'react';
import { Button, type ButtonProps } from '../components/Button.tsx';
import { shell } from '../shell/window-shell.ts';
import { transfer } from '../state/drops.ts';

/** File and folder buttons, an alternative to drag and drop. */
export function FilePicker({ primary }: { primary?: boolean }) {
  const take = (chosen: File[]) => void transfer((watch) => shell.takeFiles(chosen, watch));
  return (
    <>
      <FileButton label="Import files" kind={primary ? 'primary' : 'normal'} several onFiles={take} />
      <FileButton label="Import a folder" icon={FolderOpen} folder onFiles={take} />
    </>
  );
}

interface FileButtonProps extends Pick<ButtonProps, 'kind' | 'disabled'> {
  label: string;
  icon?: LucideIcon;
  several?: boolean;
  /** Ends of names, parted by commas. */
  accept?: string;
  /** Takes a folder, with all that is in it. */
  folder?: boolean;
  onFiles(files: File[]): void;
}

/** Opens the file dialog of the system. */
export function FileButton({
  label,
  icon = Upload,
  several,
  accept,
  folder,
  onFiles,
  ...button
}: FileButtonProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button {...button} icon={icon} onClick={() => input.current?.click()}>
        {label}
      </Button>
      <input
        ref={input}
        type="file"
        multiple={several}
        accept={accept}
        hidden
        aria-label={label}
        {...(folder && { webkitdirectory: '' })}
        onChange={({ target }) => {
          const chosen = [...(target.files ?? [])];
          target.value = '';
          if (chosen.length > 0) onFiles(chosen);
        }}
      />
    </>
  );
}

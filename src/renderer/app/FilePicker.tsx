import { FolderOpen, Upload } from 'lucide-react';
import { useRef } from 'react';
import { Button } from '../components/Button.tsx';
import { shell } from '../shell/window-shell.ts';
import { transfer } from '../state/drops.ts';

/** File and folder buttons, an alternative to drag and drop. */
export function FilePicker({ primary }: { primary?: boolean }) {
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const take = (input: HTMLInputElement) => {
    const chosen = [...(input.files ?? [])];
    input.value = '';
    void transfer((watch) => shell.takeFiles(chosen, watch));
  };
  return (
    <>
      <Button icon={Upload} kind={primary ? 'primary' : 'normal'} onClick={() => files.current?.click()}>
        Import files
      </Button>
      <Button icon={FolderOpen} onClick={() => folder.current?.click()}>
        Import a folder
      </Button>
      <input
        ref={files}
        type="file"
        multiple
        hidden
        aria-label="Files to import"
        onChange={(event) => take(event.target)}
      />
      <input
        ref={folder}
        type="file"
        hidden
        aria-label="Folder to import"
        {...{ webkitdirectory: '' }}
        onChange={(event) => take(event.target)}
      />
    </>
  );
}

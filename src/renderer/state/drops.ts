/** Files and folders dropped anywhere on the window, or opened with the program. */
import { create } from 'zustand';
import { shell } from '../shell/window-shell.ts';
import { goTo } from './navigation.ts';
import { attempt } from './toasts.ts';

interface DropState {
  /** What was dropped and waits for the data sets screen. */
  paths: string[] | null;
  /** Of the transfer, 0..1; null while there is none. */
  fraction: number | null;
  /** Something is dragged over the window. */
  over: boolean;
}

export const useDrops = create<DropState>(() => ({ paths: null, fraction: null, over: false }));

/** Takes what was dropped, once. */
export function takeDroppedPaths(): string[] | null {
  const { paths } = useDrops.getState();
  useDrops.setState({ paths: null });
  return paths;
}

/** Shows files to import, whoever brought them, on the data sets screen. */
export function offerPaths(paths: string[]): void {
  if (paths.length === 0) return;
  useDrops.setState({ paths });
  goTo('datasets');
}

/** Runs a transfer of files with its progress, and offers what comes of it. */
export async function transfer(
  work: (onFraction: (fraction: number) => void) => Promise<string[]>,
): Promise<void> {
  useDrops.setState({ fraction: 0 });
  await attempt('The files could not be taken', async () => {
    offerPaths(await work((fraction) => useDrops.setState({ fraction })));
  });
  useDrops.setState({ fraction: null });
}

/** Hears drags over the whole window. Without this a browser would open a dropped file in place of the page. */
export function listenToDrops(): () => void {
  const carriesFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
  const onDragOver = (event: DragEvent) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    useDrops.setState({ over: true });
  };
  const onDragLeave = (event: DragEvent) => {
    if (event.relatedTarget === null) useDrops.setState({ over: false });
  };
  const onDrop = (event: DragEvent) => {
    const { dataTransfer } = event;
    if (!dataTransfer || !carriesFiles(event)) return;
    event.preventDefault();
    useDrops.setState({ over: false });
    void transfer((onFraction) => shell.takeDrop(dataTransfer, onFraction));
  };
  window.addEventListener('dragover', onDragOver);
  window.addEventListener('dragleave', onDragLeave);
  window.addEventListener('drop', onDrop);
  return () => {
    window.removeEventListener('dragover', onDragOver);
    window.removeEventListener('dragleave', onDragLeave);
    window.removeEventListener('drop', onDrop);
  };
}

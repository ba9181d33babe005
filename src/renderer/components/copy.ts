import { shell } from '../shell/window-shell.ts';
import { notify } from '../state/toasts.ts';

export async function copyText(text: string, done: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    notify({ level: 'info', title: done });
  } catch {
    notify({
      level: 'error',
      title: 'The clipboard cannot be written',
      text: 'Allow it for this page and try again.',
    });
  }
}

/** Gives the user a file and says where it went. */
export async function saveFile(name: string, content: Blob): Promise<void> {
  tellSaved(await shell.saveFile(name, content));
}

export function tellSaved(path: string | null): void {
  if (path !== null) notify({ level: 'info', title: `Saved ${path}` });
}

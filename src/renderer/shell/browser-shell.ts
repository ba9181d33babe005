import { RPCLink } from '@orpc/client/websocket';
import type { Connection, TransferWatch, WindowShell } from './shell-types.ts';

/** The window in a browser: the api over a WebSocket, files over HTTP. */
export class BrowserShell implements WindowShell {
  readonly kind = 'browser';

  connect(): Promise<Connection> {
    const socket = new WebSocket(new URL('api', location.href.replace(/^http/, 'ws')));
    const closed = new Promise<void>((resolve) => {
      socket.addEventListener('close', () => resolve(), { once: true });
    });
    return new Promise((resolve, reject) => {
      socket.addEventListener('open', () => resolve({ link: new RPCLink({ websocket: socket }), closed }));
      socket.addEventListener('error', () => reject(new Error('the connection to Tessera failed')));
    });
  }

  async isRefused(): Promise<boolean> {
    const answer = await fetch('api', { cache: 'no-store' }).catch(() => null);
    return answer?.status === 401;
  }

  async takeDrop(transfer: DataTransfer, watch: TransferWatch): Promise<string[]> {
    return upload(await droppedFiles(transfer), watch);
  }

  takeFiles(files: readonly File[], watch: TransferWatch): Promise<string[]> {
    return upload(
      files.map((file) => ({ name: file.webkitRelativePath || file.name, file })),
      watch,
    );
  }

  async saveFile(name: string, content: Blob): Promise<null> {
    const url = URL.createObjectURL(content);
    const anchor = document.createElement('a');
    anchor.href = url;
    anchor.download = name;
    anchor.click();
    // The download has its own hold on the content by then.
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
    return null;
  }

  onOpenPaths(): void {
    // A browser opens no files with a page.
  }

  onAction(): void {
    // A page has no menu bar.
  }

  setMenu(): void {
    // A page has no menu bar.
  }
}

/** Streams the files to a folder of their own, and returns the files and folders that were dropped. */
async function upload(files: NamedFile[], { onProgress, signal }: TransferWatch): Promise<string[]> {
  const drop = crypto.randomUUID();
  const total = files.reduce((sum, { file }) => sum + file.size, 0);
  const roots = new Set<string>();
  let sent = 0;
  try {
    for (const { name, file } of files) {
      const already = sent;
      const onBytes = (bytes: number) => onProgress(already + bytes, total);
      const { folder } = await send(drop, name, file, { onBytes, signal });
      roots.add(`${folder}/${name.split('/', 1)[0]}`);
      sent += file.size;
    }
  } catch (error) {
    // What was sent before is half of a drop; if nobody can be told now, it goes after a day.
    await fetch(`upload/${drop}`, { method: 'DELETE' }).catch(() => {});
    throw error;
  }
  return [...roots];
}

/** XMLHttpRequest, for fetch does not tell how much of a body it has sent. */
function send(
  drop: string,
  name: string,
  file: File,
  { onBytes, signal }: { onBytes(bytes: number): void; signal: AbortSignal },
): Promise<{ folder: string }> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', `upload/${drop}?name=${encodeURIComponent(name)}`);
    request.upload.addEventListener('progress', ({ loaded }) => onBytes(loaded));
    request.addEventListener('load', () => {
      if (request.status === 201) resolve(JSON.parse(request.responseText) as { folder: string });
      else reject(new Error(request.responseText.trim() || `the file could not be sent (${request.status})`));
    });
    request.addEventListener('error', () =>
      reject(new Error(`${name}: the transfer was interrupted; drop it again`)),
    );
    request.addEventListener('abort', () => reject(signal.reason));
    signal.addEventListener('abort', () => request.abort(), { once: true });
    if (signal.aborted) reject(signal.reason);
    else request.send(file);
  });
}

interface NamedFile {
  /** With the folders it was dropped in, such as "ml-1m/ratings.dat". */
  name: string;
  file: File;
}

/** Every file of a drop, those in folders included. Call it in the drop's own turn: the transfer is empty after. */
async function droppedFiles(transfer: DataTransfer): Promise<NamedFile[]> {
  const entries = [...transfer.items]
    .map((item) => item.webkitGetAsEntry())
    .filter((entry) => entry !== null);
  const files = await Promise.all(entries.map((entry) => filesOf(entry, '')));
  return files.flat();
}

async function filesOf(entry: FileSystemEntry, folder: string): Promise<NamedFile[]> {
  const name = `${folder}${entry.name}`;
  if (entry.isFile) return [{ name, file: await fileOf(entry as FileSystemFileEntry) }];
  const inside = await entriesOf((entry as FileSystemDirectoryEntry).createReader());
  const files = await Promise.all(inside.map((child) => filesOf(child, `${name}/`)));
  return files.flat();
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

/** A reader gives a hundred entries at a time. */
async function entriesOf(reader: FileSystemDirectoryReader): Promise<FileSystemEntry[]> {
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return all;
    all.push(...some);
  }
}

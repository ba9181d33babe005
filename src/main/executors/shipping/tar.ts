/** Archives as tar reads and writes them: files and folders of a program, no links and no owners. */
import { createReadStream, createWriteStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip, gunzipSync } from 'node:zlib';

export interface ArchiveFile {
  /** With "/". */
  path: string;
  executable: boolean;
  size: number;
  content(): AsyncIterable<Buffer>;
}

/** Files of this machine, under other paths. */
export async function localFiles(paths: Iterable<[path: string, local: string]>): Promise<ArchiveFile[]> {
  const files = [...paths].map(async ([path, local]): Promise<ArchiveFile[]> => {
    const found = await stat(local);
    const executable = (found.mode & 0o100) !== 0;
    return found.isFile()
      ? [{ path, size: found.size, executable, content: () => createReadStream(local) }]
      : [];
  });
  return (await Promise.all(files)).flat().sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** The files of a folder, or those of some names in it. */
export async function folderFiles(folder: string, names?: readonly string[]): Promise<ArchiveFile[]> {
  const all = names ?? (await readdir(folder, { recursive: true }));
  return localFiles(all.map((name) => [name.replaceAll('\\', '/'), join(folder, name)]));
}

/** The same files below another folder. */
export const filesBelow = (folder: string, files: readonly ArchiveFile[]): ArchiveFile[] =>
  files.map((file) => ({ ...file, path: `${folder}/${file.path}` }));

/** What is in memory already. */
export const memoryFile = (path: string, content: Buffer, executable = false): ArchiveFile => ({
  ...{ path, size: content.length, executable },
  async *content() {
    yield content;
  },
});

const BLOCK = 512;
const NAME = 100;
const PREFIX = 155;

/** Writes an archive, compressed if `gzip`. */
export async function writeTar(
  file: string,
  files: Iterable<ArchiveFile>,
  { gzip }: { gzip: boolean },
): Promise<void> {
  const out = createWriteStream(file, { mode: 0o600 });
  const packed = Readable.from(blocks(files), { objectMode: false });
  await (gzip ? pipeline(packed, createGzip({ level: 4 }), out) : pipeline(packed, out));
}

async function* blocks(files: Iterable<ArchiveFile>): AsyncGenerator<Buffer> {
  for (const file of files) {
    yield header(file);
    yield* file.content();
    yield Buffer.alloc((BLOCK - (file.size % BLOCK)) % BLOCK);
  }
  yield Buffer.alloc(2 * BLOCK);
}

/** The same files make the same bytes: without times. */
function header({ path, size, executable }: ArchiveFile): Buffer {
  const block = Buffer.alloc(BLOCK);
  const cut = Buffer.byteLength(path) <= NAME ? 0 : path.indexOf('/', Buffer.byteLength(path) - NAME - 1);
  const [prefix, name] = cut > 0 ? [path.slice(0, cut), path.slice(cut + 1)] : ['', path];
  if (cut < 0 || Buffer.byteLength(prefix) > PREFIX)
    throw new Error(`too long a path for an archive: ${path}`);
  block.write(name, 0);
  block.write(executable ? '0000700\0' : '0000600\0', 100);
  block.write('0000000\0'.repeat(2), 108);
  block.write(`${size.toString(8).padStart(11, '0')} `, 124);
  block.write(`${'0'.repeat(11)} ${' '.repeat(8)}0`, 136);
  block.write('ustar\x0000', 257);
  block.write(prefix, 345);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

/** The plain files of a package of the registry, without its first folder. A name that is too long for a header stands before it. */
export function readPackage(archive: Buffer): ArchiveFile[] {
  const tar = gunzipSync(archive);
  const text = (at: number, length: number) => tar.toString('utf8', at, at + length).replace(/\0.*$/s, '');
  const files: ArchiveFile[] = [];
  let longName: string | undefined;
  for (let at = 0; at + BLOCK <= tar.length && tar[at] !== 0; ) {
    const size = Number.parseInt(text(at + 124, 12), 8);
    const [start, kind, prefix] = [at + BLOCK, text(at + 156, 1), text(at + 345, PREFIX)];
    const name = longName ?? `${prefix === '' ? '' : `${prefix}/`}${text(at, NAME)}`;
    if (kind === '0' || kind === '') {
      const executable = (Number.parseInt(text(at + 100, 8), 8) & 0o100) !== 0;
      const path = name.replace(/^[^/]*\//, '');
      files.push(memoryFile(path, tar.subarray(start, start + size), executable));
    }
    if (kind === 'L') longName = text(start, size);
    else if (kind === 'x') longName = /^\d+ path=(.*)$/m.exec(text(start, size))?.[1] ?? longName;
    else longName = undefined;
    at = start + Math.ceil(size / BLOCK) * BLOCK;
  }
  return files;
}

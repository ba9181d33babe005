/** Which files a data set is made of, by their content: what an import is made again from. */
import { statSync } from 'node:fs';
import { basename, relative, resolve, sep } from 'node:path';
import { UserError } from '../../errors.ts';
import { sha256 } from '../../files/sha256.ts';
import type { SourceFile } from '../types.ts';

/** Files in the order in which they were read; `sources` are the files and folders that were named. */
export async function describeSources(
  files: readonly string[],
  sources: readonly string[],
  signal?: AbortSignal,
): Promise<SourceFile[]> {
  const described: SourceFile[] = [];
  for (const file of files) {
    const name = nameBelow(file, sources);
    described.push({ name, bytes: statSync(file).size, sha256: await sha256(file, signal) });
  }
  return described;
}

/** What changes with a file's content, of files of an import: the same where nobody writes to them meanwhile. */
export class UnchangedSources {
  readonly #states: ReadonlyMap<string, string>;

  constructor(files: readonly string[]) {
    this.#states = new Map(files.map((file) => [file, stateOf(file)]));
  }

  /** Throws UserError where one of them has changed: some rows may be from before it, others and the hash from after it. */
  require(): void {
    const changed = [...this.#states].find(([file, state]) => stateOf(file) !== state);
    if (changed) throw new UserError(`${changed[0]}: it changed while it was read; import it again`);
  }
}

function stateOf(file: string): string {
  const { ino, size, mtimeMs } = statSync(file, { throwIfNoEntry: false }) ?? {};
  return `${ino} ${size} ${mtimeMs}`;
}

function nameBelow(file: string, sources: readonly string[]): string {
  const inside = sources
    .map((source) => relative(resolve(source), file))
    .find((path) => path !== '' && !path.startsWith('..') && resolve(path) !== path);
  return inside === undefined ? basename(file) : inside.split(sep).join('/');
}

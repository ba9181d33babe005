/** Which files a data set is made of, by their content: what an import is made again from. */
import { statSync } from 'node:fs';
import { basename, relative, resolve, sep } from 'node:path';
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

function nameBelow(file: string, sources: readonly string[]): string {
  const inside = sources
    .map((source) => relative(resolve(source), file))
    .find((path) => path !== '' && !path.startsWith('..') && resolve(path) !== path);
  return inside === undefined ? basename(file) : inside.split(sep).join('/');
}

/** ONNX Runtime's libraries for CUDA, which are too large for the npm registry. */
import { createReadStream, existsSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Unzip, UnzipInflate } from 'fflate';
import { messageOf, UserError } from '../../../core/errors.ts';
import { writeWholeFolder } from '../../../core/files/whole-folder.ts';
import { answer } from './registry.ts';
import { type ArchiveFile, folderFiles, localFiles } from './tar.ts';
import type { Target } from './target.ts';

const NAMES = ['libonnxruntime_providers_cuda.so', 'libonnxruntime_providers_shared.so'];
/** Of whoever has fetched them for this machine: `npm run setup:gpu -- cuda`. */
const FOLDER = 'bin/napi-v6/linux/x64';
const PACKAGE = 'microsoft.ml.onnxruntime.gpu.linux';

export const hasCudaLibraries = ({ os, arch }: Target) => os === 'linux' && arch === 'x64';

/**
 * Those of this version, installed in the package `onnxruntime` here, else from NuGet, and then kept in `cache`. Throws
 * UserError where they cannot be had.
 */
export async function cudaLibraries(
  onnxruntime: string,
  version: string,
  cache: string,
): Promise<ArchiveFile[]> {
  const paths = NAMES.map((name) => `${FOLDER}/${name}`);
  if (paths.every((path) => existsSync(join(onnxruntime, path)))) return folderFiles(onnxruntime, paths);
  const kept = join(cache, `${PACKAGE}.${version}`);
  if (!existsSync(kept)) await fetchInto(kept, version);
  return localFiles(NAMES.map((name, at) => [paths[at], join(kept, name)]));
}

/** From a package that its user has put beside the folder, else from NuGet. */
async function fetchInto(folder: string, version: string): Promise<void> {
  const source = process.env.TESSERA_NUGET ?? 'https://api.nuget.org/v3-flatcontainer';
  const here = `${folder}.nupkg`;
  const download = async () => (await answer(`${source}/${PACKAGE}/${version}/${basename(here)}`)).body ?? [];
  try {
    await writeWholeFolder(folder, async (partial) =>
      unzipInto(partial, existsSync(here) ? createReadStream(here) : await download()),
    );
  } catch (error) {
    const problem = `CUDA's libraries could not be fetched from ${source}: ${messageOf(error)}`;
    throw new UserError({
      code: 'unusable-device',
      problem,
      fix: `put ${basename(here)} into ${dirname(here)}`,
    });
  }
}

/** As it comes: an archive has hundreds of MB, and its libraries more. */
async function unzipInto(
  folder: string,
  archive: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<void> {
  const whole = new Set<string>();
  const unpacked: [name: string, chunk: Uint8Array][] = [];
  const unzip = new Unzip((file) => {
    const name = NAMES.find((one) => file.name === `runtimes/linux-x64/native/${one}`);
    if (name === undefined) return;
    file.ondata = (error, chunk, isLast) => {
      if (error) throw error;
      unpacked.push([name, chunk]);
      if (isLast) whole.add(name);
    };
    file.start();
  });
  unzip.register(UnzipInflate);
  for await (const chunk of archive) {
    unzip.push(chunk);
    for (const [name, part] of unpacked.splice(0))
      await appendFile(join(folder, name), part, { mode: 0o600 });
  }
  const missing = NAMES.find((name) => !whole.has(name));
  if (missing !== undefined) throw new Error(`${missing} is not in it, or not whole`);
}

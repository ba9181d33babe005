/** ONNX Runtime's libraries for CUDA, which are too large for the npm registry. */
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { messageOf, UserError } from '../../../core/errors.ts';
import { writeDurably } from '../../../core/files/durable.ts';
import { type ArchiveFile, folderFiles, memoryFile } from './tar.ts';
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
  const wanted = NAMES.map((name) => `runtimes/linux-x64/native/${name}`);
  const files = unzipSync(await packageOf(version, cache), { filter: ({ name }) => wanted.includes(name) });
  return wanted.map((name, at) => memoryFile(paths[at], Buffer.from(files[name])));
}

async function packageOf(version: string, cache: string): Promise<Buffer> {
  const file = `${PACKAGE}.${version}.nupkg`;
  const kept = join(cache, file);
  if (existsSync(kept)) return readFile(kept);
  const source = process.env.TESSERA_NUGET ?? 'https://api.nuget.org/v3-flatcontainer';
  try {
    const answer = await fetch(`${source}/${PACKAGE}/${version}/${file}`);
    if (!answer.ok) throw new Error(`it answers ${answer.status}`);
    const archive = Buffer.from(await answer.arrayBuffer());
    await mkdir(cache, { recursive: true });
    writeDurably(kept, [archive]);
    return archive;
  } catch (error) {
    const problem = `CUDA's libraries could not be fetched from ${source}: ${messageOf(error)}`;
    throw new UserError({ code: 'unusable-device', problem, fix: `put ${file} into ${cache}` });
  }
}

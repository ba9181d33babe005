/** Libraries of devices that npm does not bring. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import type { DeviceId } from '../types.ts';

export interface FetchedLibrary {
  packageName: string;
  /** Operating systems and processors that have it, as `${process.platform}/${process.arch}`. */
  platforms: readonly string[];
  /** A file that is there once it is installed, relative to the package. */
  proof: string;
}

export const fetchedLibraries = {
  cuda: {
    packageName: 'onnxruntime-node',
    platforms: ['linux/x64'],
    proof: 'bin/napi-v6/linux/x64/libonnxruntime_providers_cuda.so',
  },
  'tfjs-gpu': {
    packageName: '@tensorflow/tfjs-node-gpu',
    platforms: ['linux/x64', 'win32/x64'],
    proof: 'lib/napi-v8/tfjs_binding.node',
  },
} satisfies Partial<Record<DeviceId, FetchedLibrary>>;

/** Throws where it is not installed. */
export function manifestOf(packageName: string): string {
  return createRequire(import.meta.url).resolve(`${packageName}/package.json`);
}

/** Why the device cannot be opened, where a file tells; null where only opening it does. */
export function missingLibrary(id: DeviceId): string | null {
  const library = (fetchedLibraries as Partial<Record<DeviceId, FetchedLibrary>>)[id];
  if (!library?.platforms.includes(`${process.platform}/${process.arch}`)) return null;
  try {
    if (existsSync(join(dirname(manifestOf(library.packageName)), library.proof))) return null;
  } catch {
    // Without its package there is no library either.
  }
  return `${basename(library.proof)} is not installed`;
}

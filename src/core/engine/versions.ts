/** The libraries that compute: another version may add in another order. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { manifestOf } from './devices/fetched-libraries.ts';

const LIBRARIES = { onnxruntime: 'onnxruntime-node', tfjs: '@tensorflow/tfjs' };
const manifestSchema = z.object({ version: z.string() });

/** Their versions by name, without loading them. One that does not tell is left out: no training ends of it. */
export function libraryVersions(): Partial<Record<keyof typeof LIBRARIES, string>> {
  const found = Object.entries(LIBRARIES).flatMap(([name, packageName]) => {
    try {
      const manifest = JSON.parse(readFileSync(manifestOf(packageName), 'utf8'));
      return [[name, manifestSchema.parse(manifest).version]];
    } catch {
      return [];
    }
  });
  return Object.fromEntries(found);
}

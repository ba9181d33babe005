import { resolve } from 'node:path';
import type { z } from 'zod';
import { fromHome, pathKeys } from './path-fields.ts';

/** A config whose files and folders are named from a folder on, by default the working directory, with their paths as they are from anywhere. */
export function withAbsolutePaths(
  schema: z.ZodType,
  config: Record<string, unknown>,
  folder = '.',
): Record<string, unknown> {
  const named = pathKeys(schema).flatMap((key): [string, string][] => {
    const path = config[key];
    return typeof path === 'string' && path !== '' ? [[key, resolve(folder, fromHome(path))]] : [];
  });
  return { ...config, ...Object.fromEntries(named) };
}

import { resolve } from 'node:path';
import type { z } from 'zod';
import { pathKeys } from './path-fields.ts';
import { withUserFolder } from './user-folder.ts';

/** The whole path of a file or folder that is named from a folder on, or from "~" on. */
export const pathFrom = (folder: string, path: string): string => resolve(folder, withUserFolder(path));

/** A config whose files and folders are named from a folder on, by default the working directory, or from "~" on, with their paths as they are from anywhere. */
export function withAbsolutePaths(
  schema: z.ZodType,
  config: Record<string, unknown>,
  folder = '.',
): Record<string, unknown> {
  const named = pathKeys(schema).flatMap((key): [string, string][] => {
    const path = config[key];
    return typeof path === 'string' && path !== '' ? [[key, pathFrom(folder, path)]] : [];
  });
  return { ...config, ...Object.fromEntries(named) };
}

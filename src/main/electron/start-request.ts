/** What a start of the program asks for. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';

const path = z.string().min(1).max(32_768);

/** A second start hands one to the first, which checks it, for any program that the user runs could send one. */
export const startRequest = z.object({
  /** The data folder that "--home" names. */
  home: path.nullable(),
  /** Files and folders to open. */
  paths: z.array(path).max(1_000),
  selfTest: z.boolean(),
});
export type StartRequest = z.output<typeof startRequest>;

/**
 * Reads a program's arguments; paths become absolute, and those that are not there are left out. Other switches are Electron's
 * own, and so is the program's entry file when it runs from its sources.
 */
export function startRequestOf(args: readonly string[], folder: string, packaged: boolean): StartRequest {
  const { values, positionals } = parseArgs({
    args: args.slice(packaged ? 1 : 2),
    options: { home: { type: 'string' }, 'self-test': { type: 'boolean' } },
    strict: false,
  });
  // A boolean where it has no value.
  const home = typeof values.home === 'boolean' ? '' : (values.home ?? null);
  return {
    home: home && resolve(folder, home),
    paths: positionals.flatMap((path) => (path === '' ? [] : resolve(folder, path))).filter(existsSync),
    selfTest: values['self-test'] === true,
  };
}

/** The arguments of a start that asks for the same, behind the program's own. */
export function argumentsOf({ home, paths }: Pick<StartRequest, 'home' | 'paths'>): string[] {
  return [...(home === null ? [] : ['--home', home]), ...paths];
}

/** What a start of the program asks for. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
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
export function startRequestOf(
  args: readonly string[],
  workingFolder: string,
  packaged: boolean,
): StartRequest {
  const given = args.slice(packaged ? 1 : 2);
  const at = given.findIndex((argument) => /^--home(=|$)/.test(argument));
  const apart = given[at] === '--home';
  const home = at < 0 ? null : ((apart ? given[at + 1] : given[at].slice('--home='.length)) ?? '');
  const rest = at < 0 ? given : given.toSpliced(at, apart ? 2 : 1);
  return {
    home: home === null || home === '' ? home : resolve(workingFolder, home),
    paths: rest
      .filter((argument) => argument !== '' && !argument.startsWith('-'))
      .map((argument) => resolve(workingFolder, argument))
      .filter((one) => existsSync(one)),
    selfTest: rest.includes('--self-test'),
  };
}

/** The arguments of a start that asks for the same, behind the program's own. */
export function argumentsOf({ home, paths }: Pick<StartRequest, 'home' | 'paths'>): string[] {
  return [...(home === null ? [] : ['--home', home]), ...paths];
}

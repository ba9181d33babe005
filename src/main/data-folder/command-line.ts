import { existsSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { terminalQuote } from '../../core/names.ts';
import { currentEnvironment, type Environment } from './choice.ts';
import { requestedHome } from './home.ts';

/** Where a launcher may lie. */
interface Places {
  /** Of an installed program: beside Electron's or Node's own files. */
  resources: string;
  /** The folder of the sources, null in an installed program. */
  clone: string | null;
  /** The folder that commands are typed in. */
  at: string;
}

function currentPlaces(): Places {
  const resources = (process as { resourcesPath?: string }).resourcesPath ?? dirname(process.execPath);
  return { resources, clone: findClone(import.meta.dirname), at: process.cwd() };
}

/** The folder of the program, where it has the launcher of a clone. */
function findClone(folder: string): string | null {
  if (existsSync(join(folder, 'package.json'))) return existsSync(join(folder, 'tessera')) ? folder : null;
  return folder === dirname(folder) ? null : findClone(dirname(folder));
}

/** How the user calls this program, for hints that can be pasted: "./tessera" in the folder of a clone. */
export function program({ env, platform } = currentEnvironment(), places = currentPlaces()): string {
  const { resources, clone, at } = places;
  const name = platform === 'win32' ? 'tessera.cmd' : 'tessera';
  if (clone === at) return platform === 'win32' ? '.\\tessera' : './tessera';
  const launcher = clone ? join(clone, name) : join(resources, 'bin', name);
  const isOnPath = () =>
    (env.PATH ?? '').split(delimiter).some((folder) => folder && existsSync(join(folder, name)));
  if (!existsSync(launcher) || isOnPath()) return 'tessera';
  return terminalQuote(launcher, platform);
}

/** A text with its commands, written "tessera train …", as the user calls them. */
export function withProgram(text: string): string {
  return text.replaceAll(/(?<![\w./\\-])tessera(?= [a-z-]+)/g, () => program());
}

/** How a command on this home begins, to be pasted into a terminal. */
export function commandLine(home: string, environment: Environment = currentEnvironment()): string {
  if (isUsedByDefault(home, environment)) return program(environment);
  return `${program(environment)} --home ${terminalQuote(home, environment.platform)}`;
}

function isUsedByDefault(home: string, environment: Environment): boolean {
  try {
    return resolve(requestedHome(undefined, environment).home) === resolve(home);
  } catch {
    // Without the option the command would say that the choice of a folder cannot be read.
    return false;
  }
}

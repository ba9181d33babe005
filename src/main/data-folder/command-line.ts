import { existsSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { terminalQuote } from '../../core/names.ts';
import { currentEnvironment, type Environment } from './choice.ts';
import { requestedHome } from './home.ts';

/** Where an installed program has its launcher: beside Electron's or Node's own files. */
const RESOURCES: string = (process as { resourcesPath?: string }).resourcesPath ?? dirname(process.execPath);

/** How the user calls this program, for hints that can be pasted. */
export function program({ env, platform } = currentEnvironment(), resources = RESOURCES): string {
  const script = env.npm_lifecycle_event;
  if (script === 'tessera' || script === 'start') return 'npm run -s tessera --';
  const name = platform === 'win32' ? 'tessera.cmd' : 'tessera';
  const launcher = join(resources, 'bin', name);
  const isOnPath = () => (env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, name)));
  if (!existsSync(launcher) || isOnPath()) return 'tessera';
  return terminalQuote(launcher, platform);
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

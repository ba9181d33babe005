import { resolve } from 'node:path';
import { shellQuote } from '../../core/names.ts';
import { currentEnvironment, type Environment } from './choice.ts';
import { requestedHome } from './home.ts';

/** How the user calls this program, for hints that can be pasted. */
export function program(): string {
  const script = process.env.npm_lifecycle_event;
  return script === 'tessera' || script === 'start' ? 'npm run -s tessera --' : 'tessera';
}

/** How a command on this home begins, to be pasted into a terminal. */
export function commandLine(home: string, environment: Environment = currentEnvironment()): string {
  return isUsedByDefault(home, environment) ? program() : `${program()} --home ${shellQuote(home)}`;
}

function isUsedByDefault(home: string, environment: Environment): boolean {
  try {
    return resolve(requestedHome(undefined, environment).home) === resolve(home);
  } catch {
    // Without the option the command would say that the choice of a folder cannot be read.
    return false;
  }
}

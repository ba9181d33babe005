import { resolve } from 'node:path';
import { shellQuote } from '../../core/names.ts';
import { thisMachine } from './choice.ts';
import { findHome } from './home.ts';

/** How the user calls this program, for hints that can be pasted. */
export function program(): string {
  const script = process.env.npm_lifecycle_event;
  return script === 'tessera' || script === 'start' ? 'npm run -s tessera --' : 'tessera';
}

/** How a command on this home begins, to be pasted into a terminal. */
export function commandLine(home: string): string {
  const isDefault = resolve(findHome(undefined, thisMachine()).home) === resolve(home);
  return isDefault ? program() : `${program()} --home ${shellQuote(home)}`;
}
